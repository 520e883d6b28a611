/** Topics of a test's own on a real broker, and what they hold. */
import { randomUUID } from 'node:crypto'
import { vi } from 'vitest'
import type { EventLog } from '../../src/runtime/ports.ts'
import { valueAt } from '../../src/stages/records.ts'

/** An input, an output and a group that nobody else uses. */
export async function newNames(log: EventLog, partitions: number) {
  const run = randomUUID().slice(0, 8)
  const [input, output] = [`${run}-input`, `${run}-output`]
  const spec = { partitions, cleanup: 'delete', owner: 'shoal' } as const
  await log.prepare(
    [input, output].map((topic) => ({ topic, ...spec })),
    true,
  )
  return { input, output, group: `${run}-group` }
}

export async function publishValues(
  log: EventLog,
  topic: string,
  partition: number,
  values: readonly string[],
): Promise<void> {
  const timestamp = Date.now()
  await log.publish((outputs) => {
    for (const value of values) outputs.append({ topic, partition, key: null, value: Buffer.from(value), timestamp })
  })
}

/** Every committed value of a partition, once nothing in it is undecided. */
export async function valuesIn(log: EventLog, topic: string, partition: number): Promise<string[]> {
  const mark = randomUUID()
  await publishValues(log, topic, partition, [mark])
  const values: string[] = []
  for await (const batch of log.follow(topic, new Map([[partition, 0]]), AbortSignal.timeout(60_000))) {
    for (let i = 0; i < batch.count; i++) values.push(valueAt(batch, i)?.toString() ?? 'null')
    const end = values.indexOf(mark)
    if (end >= 0) return values.slice(0, end).filter((value) => !isMark(value))
  }
  throw new Error(`${topic}/${partition} must give the mark that was written to it: it gave ${values.length} records`)
}

const isMark = (value: string) => /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value)

/** Resolves once `check` holds. */
export function until(what: string, check: () => boolean): Promise<void> {
  return vi.waitFor(
    () => {
      if (!check()) throw new Error(`not so within the deadline: ${what}`)
    },
    { timeout: 90_000, interval: 10 },
  )
}
