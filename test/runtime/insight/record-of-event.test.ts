import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryCluster } from '../../../src/adapters/memory/cluster.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import type { NewestRecord } from '../../../src/runtime/insight/newest-records.ts'
import { recordOfEvent } from '../../../src/runtime/insight/record-of-event.ts'

const at = { topic: 'anomalies', partition: 0 }
const never = new AbortController().signal
const offsetOf = async ({ value }: NewestRecord) => {
  const text = new TextDecoder().decode(value)
  return text === '?' ? null : Number(text)
}

/** A log that holds a record for each of these events, so many to a transaction. */
async function logOf(events: readonly number[], each: number) {
  const log = new MemoryCluster({ clock: systemClock, retainBytes: 1 << 20 }).client()
  await log.prepare([{ topic: at.topic, partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
  for (let from = 0; from < events.length; from += each) {
    await log.publish((outputs) => {
      for (const event of events.slice(from, from + each)) {
        outputs.append({ ...at, key: null, value: Buffer.from(String(event)), timestamp: 0 })
      }
    })
  }
  return log
}

test('the record of every event that has one is found, and of no other', async () => {
  const sets = fc.uniqueArray(fc.nat(300), { minLength: 1, maxLength: 60 }).map((all) => all.sort((a, b) => a - b))
  await fc.assert(
    fc.asyncProperty(sets, fc.integer({ min: 1, max: 20 }), fc.nat(300), async (events, each, other) => {
      const log = await logOf(events, each)
      for (const wanted of [...events, other]) {
        const found = await recordOfEvent(log, at, wanted, offsetOf, never)
        expect(found === null ? null : await offsetOf(found)).toBe(events.includes(wanted) ? wanted : null)
      }
    }),
    { numRuns: 40 },
  )
})

test('in a partition that does not exist, and where nothing is, there is none', async () => {
  const log = await logOf([], 1)
  expect(await recordOfEvent(log, at, 1, offsetOf, never)).toBe(null)
  expect(await recordOfEvent(log, { ...at, partition: 7 }, 1, offsetOf, never)).toBe(null)
  expect(await recordOfEvent(log, { topic: 'none', partition: 0 }, 1, offsetOf, never)).toBe(null)
})
