/** An older release and this one, taking over from each other on the same topics. */
import { afterAll, beforeAll, test } from 'vitest'
import { describeFaults } from '../describe-faults.ts'
import { unpackOlderRelease } from '../older-release.ts'
import { replaceAll } from '../release-change.ts'
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

  test('hand the work to each other, in order and by SIGKILL, and nothing is lost or twice', async (context) => {
    if (older === null) return context.skip('the history is not there')
    for (let i = 0; i < 2; i++) await rig.crew.start({ file: older })
    await rig.crew.settled()
    await rig.recovered(Date.now(), 'the start')
    await replaceAll(rig, 'this release', {}, 'SIGTERM')
    await replaceAll(rig, 'the older release', { file: older }, 'SIGTERM')
    await replaceAll(rig, 'this release', {}, 'SIGKILL')
    await rig.end()
  })
})
