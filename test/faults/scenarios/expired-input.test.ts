/** Retention of the input overtakes the committed position while no process is there. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withAdmin } from '../../kafka-admin.ts'
import { until } from '../../pipeline/harness.ts'
import { readCommitted } from '../../stack/independent-reader.ts'
import { describeFaults } from '../describe-faults.ts'
import { openRig, type Rig } from '../rig.ts'

/** Events of each of these partitions that are deleted before anybody reads them, at least. */
const fewest = 50
const overtaken = [0, 1]

describeFaults('input that retention deletes unread', ({ kafka, servers }) => {
  let rig: Rig
  /** Behind the deleted events, by partition. */
  const ends = new Map<number, number>()
  let waived = 0

  beforeAll(async () => {
    rig = await openRig('expired input', kafka, servers)
    await rig.crew.fill(1)
    await rig.recovered(Date.now(), 'the start')
    await rig.crew.end()
    await overtake()
  })

  afterAll(async () => {
    await rig?.close()
  })

  async function overtake(): Promise<void> {
    const { verifier, configuration } = rig
    const { topic } = configuration.input
    const positions = (await readCommitted(kafka.address, configuration.name, [])).positions(topic)
    for (const partition of overtaken) {
      await until(
        () => verifier.knownUpTo(partition) >= positions[partition] + fewest,
        () => `${fewest} events behind the position of partition ${partition}`,
      )
      ends.set(partition, verifier.knownUpTo(partition))
    }
    const partitions = [...ends].map(([partition, end]) => ({ partition, offset: String(end) }))
    await withAdmin(kafka.address, async (admin) => {
      // It must know the topic's leaders first, and asks for them only here.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions })
    })
    for (const [partition, end] of ends) {
      waived += verifier.waive(partition, end)
      expect(end - positions[partition]).toBeGreaterThanOrEqual(fewest)
    }
  }

  test('where the policy is to stop, nothing of the partition is read until somebody decides', async () => {
    const stopping = await rig.crew.start({ environment: { SHOAL_INPUT_ON_EXPIRED_EVENTS: 'stop' } })
    await until(
      () => stopping.said().includes('log.out_of_range'),
      () => stopping.said(),
      60_000,
    )
    expect(await stopping.health()).toMatch(/^not ready/)
    stopping.signal('SIGTERM')
    expect((await stopping.ended).code).toBe(0)
  })

  test('where it is to go on, what is left has its outcomes, and what is gone is counted', async () => {
    let counted = 0
    await rig.inject('retention overtakes the committed position', async () => {
      await rig.crew.fill(1)
      return undefined
    })
    const [process] = rig.crew.live
    for (const partition of overtaken)
      counted += await process.metric('shoal_expired_events_total', `partition="${partition}"`)
    expect(counted).toBe(waived)
    await rig.end()
  })
})
