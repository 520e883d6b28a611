/** An older release and this one, taking over from each other on the same topics. */
import { afterAll, beforeAll, test } from 'vitest'
import { until } from '../../pipeline/harness.ts'
import { describeFaults } from '../describe-faults.ts'
import { unpackOlderRelease } from '../older-release.ts'
import { openRig, type Rig } from '../rig.ts'

describeFaults('an older release and this one', ({ kafka, servers }) => {
  let rig: Rig
  let older: string | null

  beforeAll(async () => {
    rig = await openRig('releases', kafka, servers)
    older = await unpackOlderRelease(rig.folder)
  })

  afterAll(async () => {
    await rig?.close()
  })

  /** Two come while two are at work, who are then asked to end, or killed. */
  async function replace(by: string, file: string | null, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const before = rig.crew.live
    const after = await Promise.all([1, 2].map(() => rig.crew.start(file === null ? {} : { file })))
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

  test('hand the work to each other, in order and by SIGKILL, and nothing is lost or twice', async (context) => {
    if (older === null) return context.skip('the history is not there')
    for (let i = 0; i < 2; i++) await rig.crew.start({ file: older })
    await rig.crew.settled()
    await rig.recovered(Date.now(), 'the start')
    await replace('this release', null, 'SIGTERM')
    await replace('the older release', older, 'SIGTERM')
    await replace('this release', null, 'SIGKILL')
    await rig.end()
  })
})
