import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryCluster } from '../../../src/adapters/memory/cluster.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { newestRecords } from '../../../src/runtime/insight/newest-records.ts'

const topic = 'anomalies'
const never = new AbortController().signal

test('the newest of all partitions are found, however many offsets without a value lie between and behind them', async () => {
  const places = fc.array(
    fc.record({ partition: fc.nat(2), hasValue: fc.boolean(), times: fc.constantFrom(1, 1, 1, 40) }),
    {
      maxLength: 60,
    },
  )
  await fc.assert(
    fc.asyncProperty(places, fc.integer({ min: 1, max: 12 }), async (written, most) => {
      const log = new MemoryCluster({ clock: systemClock }).client()
      await log.prepare([{ topic, partitions: 3, cleanup: 'delete', owner: 'shoal' }], true)
      const rows = written.flatMap((place) => Array.from({ length: place.times }, () => place))
      await log.publish((outputs) => {
        for (const [timestamp, { partition, hasValue }] of rows.entries()) {
          outputs.append({ topic, partition, key: null, value: hasValue ? Buffer.from('v') : null, timestamp })
        }
      })
      const expected = [...rows.entries()].filter(([, { hasValue }]) => hasValue).map(([time]) => time)
      const found = await newestRecords(log, topic, most, never)
      expect(found.map(({ timestampMs }) => timestampMs)).toEqual(expected.toReversed().slice(0, most))
    }),
    { numRuns: 100 },
  )
})

test('of a topic that does not exist there are none', async () => {
  expect(await newestRecords(new MemoryCluster({ clock: systemClock }).client(), 'none', 5, never)).toEqual([])
})
