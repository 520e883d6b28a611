/** Partitions that Shoal adds to a topic. */
import { randomUUID } from 'node:crypto'
import { afterAll, expect, test, vi } from 'vitest'
import { Cluster } from '../../src/adapters/kafka/cluster.ts'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { describeWith } from '../servers.ts'
import { silentLog } from '../silent-log.ts'
import { newNames } from './kafka-topics.ts'

describeWith(['kafka'], 'partitions that are added', ({ kafka }) => {
  const log = kafkaLog({
    brokers: [kafka],
    clientId: 'growth',
    transactionalId: randomUUID(),
    log: silentLog,
    clock: systemClock,
  })
  afterAll(() => log.close())

  test('are waited for until the brokers know of them, whatever leaders the others have', async () => {
    const { input } = await newNames(log, 2)
    const describe = Cluster.prototype.describe
    let asked = 0
    let old: Awaited<ReturnType<typeof describe>> = null
    const told = vi.spyOn(Cluster.prototype, 'describe').mockImplementation(async function (this: Cluster, topic) {
      const found = await describe.call(this, topic)
      old ??= found
      return asked++ < 4 ? old : found
    })
    const spec = { topic: input, partitions: 6, cleanup: 'delete', retentionMs: -1, owner: 'shoal' } as const
    await log.prepare([spec], true)
    told.mockRestore()
    expect(asked).toBeGreaterThan(4)
  })
})
