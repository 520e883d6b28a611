/** Two deployments that work beside one another on the embedded log of the first, for the tests of a file. */
import { afterAll, beforeAll } from 'vitest'
import { avroWriter } from '../../src/adapters/registry/avro-values.ts'
import type { SchemaRegistry } from '../../src/runtime/ports.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import { type RunningService, run, until } from '../pipeline/harness.ts'
import { type CommandLine, schemaText } from './command-line.ts'

/** They have learned these events of two partitions when the first test begins; gives their processes, once they are. */
export function bothAtWork(both: readonly [CommandLine, CommandLine], events: readonly string[]): RunningService[] {
  const services: RunningService[] = []
  beforeAll(async () => {
    const { log, cluster } = both[0]
    const registry: SchemaRegistry = { ...both[0].registry, close: async () => undefined }
    await log.prepare([{ topic: 'events', partitions: 2, cleanup: 'delete', owner: 'shoal' }], true)
    await log.publish((outputs) => {
      for (const [i, event] of events.entries()) {
        const value = Buffer.from(event)
        outputs.append({ topic: 'events', partition: i % 2, key: null, value, timestamp: 1000 + i })
      }
    })
    for (const { configuration } of both) {
      const encodeAnomaly = (id: number) => avroWriter(schemaText('anomaly'), id)
      services.push(run(serviceSettings(configuration), cluster.client(), null, { registry, encodeAnomaly }))
    }
    await until(
      () => services.every(({ follower }) => (follower.current()?.scorer.model.trainedEvents ?? 0) === events.length),
      () => services.map(({ health }) => health.line()).join('; '),
    )
  })
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()))
  })
  return services
}
