/** Processes of one release that take the work over from those of another. */
import { until } from '../pipeline/harness.ts'
import type { Release } from '../stack/shoal-process.ts'
import type { Rig } from './rig.ts'

/** As many come as are at work, who are then asked to end, or killed. */
export async function replaceAll(rig: Rig, by: string, release: Release, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const before = rig.crew.live
  const after = await Promise.all(before.map(() => rig.crew.start(release)))
  // Up, though perhaps not let in while the others are there: the two may not speak the same group protocol.
  for (const process of after) {
    await until(
      async () => !(await process.health()).startsWith('no answer'),
      () => process.said(),
      60_000,
    )
  }
  await rig.inject(
    `${by} takes over after ${signal}`,
    async () => {
      for (const process of before) {
        if (signal === 'SIGTERM') rig.crew.ask(process)
        else process.signal(signal)
      }
      return undefined
    },
    signal === 'SIGTERM' ? 'handover' : 'takeover',
  )
  await rig.crew.settled()
}
