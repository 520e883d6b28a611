/** The service on the embedded log of a command line, and the events that both of them read. */
import { afterEach } from 'vitest'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import { type RunningService, run } from '../pipeline/harness.ts'
import type { CommandLine } from './command-line.ts'

/** The input topic, with an event of each row, in turn over the partitions and a millisecond apart. */
export async function input(
  { log }: CommandLine,
  rows: readonly (readonly [x: number, y: number])[],
  partitions: number,
): Promise<void> {
  await log.prepare([{ topic: 'transactions', partitions, cleanup: 'delete', owner: 'shoal' }], true)
  await log.publish((outputs) => {
    rows.forEach(([x, y], i) => {
      const value = Buffer.from(`{"id":"e${i}","x":${x},"y":${y}}`)
      outputs.append({ topic: 'transactions', partition: i % partitions, key: null, value, timestamp: 1_000_000 + i })
    })
  })
}

const running: RunningService[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()))
})

/** Runs until the test ends. */
export function serve({ cluster, configuration, registry }: CommandLine): RunningService {
  const service = run(serviceSettings(configuration), cluster.client(), null, { registry })
  running.push(service)
  return service
}
