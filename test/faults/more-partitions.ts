/** The input's owner adds partitions while processes are at work. */
import { withAdmin } from '../kafka-admin.ts'
import { until } from '../pipeline/harness.ts'
import type { Rig } from './rig.ts'

export async function addPartitions(rig: Rig, count: number): Promise<void> {
  const { topic } = rig.configuration.input
  await rig.inject(`the input gets ${count} partitions`, async () => {
    await withAdmin(rig.kafka.address, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count }] }))
    // The producer learns of them at its start.
    await rig.stopInput()
    rig.startInput()
    const atMs = Date.now()
    await until(
      () => rig.verifier.partitions === count,
      () => `events in ${count} partitions: there are some in ${rig.verifier.partitions}`,
      60_000,
    )
    return atMs
  })
}
