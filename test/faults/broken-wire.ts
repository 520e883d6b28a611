/** Faults of the network between processes and brokers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { failpoint } from './failpoint.ts'
import type { Rig } from './rig.ts'
import type { Fate } from './wire.ts'

/** Before the broker has it the request is lost, after it the answer; the connection with it. */
export async function cutAt(rig: Rig, at: string): Promise<void> {
  const what = failpoint(at).when === 'before' ? 'request' : 'answer'
  await rig.inject(`${what} lost ${at}`, () => rig.act(at, () => 'cut'))
}

/** The answer never comes, though the connection stays. */
export async function swallowAt(rig: Rig, at: string): Promise<void> {
  await rig.inject(`answer swallowed ${at}`, () => rig.act(at, () => 'lose'))
}

export async function delayAt(rig: Rig, at: string, ms: number): Promise<void> {
  const delayed = () =>
    rig.act(at, async (): Promise<Fate> => {
      await sleep(ms)
      return 'pass'
    })
  await rig.inject(`delayed by ${ms} ms ${at}`, delayed)
}

export async function cutAll(rig: Rig): Promise<void> {
  await rig.inject('all connections cut', async () => {
    rig.wire.cut()
    return undefined
  })
}

/** Everything that passes is late, requests and answers; for as long as the pipeline needs to show that it works so. */
export async function slowDown(rig: Rig, ms: number): Promise<void> {
  const trap = rig.wire.lay({
    matches: () => true,
    async act(): Promise<Fate> {
      await sleep(ms)
      return 'pass'
    },
  })
  try {
    await rig.inject(`everything late by ${ms} ms, both ways`, async () => undefined)
  } finally {
    trap.remove()
  }
}

/** No connection can be made and none stays, for so long. */
export async function partition(rig: Rig, ms: number): Promise<void> {
  const trap = rig.wire.lay({ matches: () => true, act: () => 'cut' })
  await rig.inject(`no connection for ${ms} ms`, async () => {
    await sleep(ms)
    trap.remove()
    return undefined
  })
}
