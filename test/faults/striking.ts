/** Faults of processes, each at a named place in the protocol. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from 'vitest'
import type { ShoalProcess } from '../stack/shoal-process.ts'
import { failpoint, needsRebalance } from './failpoint.ts'
import type { Rig } from './rig.ts'
import type { Fate, Passing } from './wire.ts'

/** Lets the trainer leave in order and another process come: every request of a rebalance is made, of both stages. */
async function provokeRebalance({ wire, crew }: Rig): Promise<void> {
  const trainer = crew.live.find(({ name }) => name === wire.lastClient('train', 'EndTxn'))
  if (trainer !== undefined) crew.ask(trainer)
  await crew.start()
}

/** `struck` waits for whoever comes to the failpoint; where nobody would come by himself, a rebalance sends somebody. */
async function comingTo(rig: Rig, at: string, struck: Promise<number>): Promise<number> {
  if (needsRebalance(failpoint(at))) await provokeRebalance(rig)
  return struck
}

export async function killAt(rig: Rig, at: string, crewSize: number): Promise<void> {
  const isProvoked = needsRebalance(failpoint(at))
  const strike = () => comingTo(rig, at, rig.strike(at, 'SIGKILL'))
  await rig.inject(`SIGKILL ${at}`, strike, isProvoked ? null : 'takeover')
  await rig.crew.fill(crewSize)
}

/** Asks a process to end there: it does, in order and within its deadline, and the others take over at once. */
export async function endAt(rig: Rig, at: string, crewSize: number): Promise<void> {
  let asked: ShoalProcess | undefined
  const isProvoked = needsRebalance(failpoint(at))
  const strike = () =>
    comingTo(
      rig,
      at,
      rig.act(at, (process) => {
        asked = process
        rig.crew.ask(process)
        return 'pass'
      }),
    )
  await rig.inject(`SIGTERM ${at}`, strike, isProvoked ? null : 'handover')
  const { code, stderr } = await asked!.ended
  expect(code, `exit code after SIGTERM ${at}: ${stderr.split('\n').slice(-5).join('\n')}`).toBe(0)
  await rig.crew.fill(crewSize)
}

/**
 * Stops a process there for longer than its session and its transaction last, and then lets it go on, believing what it
 * believed before. A request that it had sent arrives only then.
 */
export async function stopAt(rig: Rig, at: string): Promise<void> {
  let zombie: ShoalProcess | undefined
  const { promise: isAwake, resolve: wake } = Promise.withResolvers<void>()
  const strike = () =>
    rig.act(at, async (process, { when }): Promise<Fate> => {
      zombie = process
      process.signal('SIGSTOP')
      if (when === 'before') await isAwake
      return 'pass'
    })
  await rig.inject(`SIGSTOP ${at}`, strike)
  await rig.inject('SIGCONT after the others took over', async () => {
    zombie!.signal('SIGCONT')
    wake()
    return undefined
  })
  await rig.crew.settled()
}

/** The request of a process that is killed there arrives only when another has taken over its work. */
export async function deliverLate(rig: Rig, at: string, crewSize: number): Promise<void> {
  let late: Passing | undefined
  const strike = () =>
    rig.act(at, (process, passing) => {
      late = passing
      process.signal('SIGKILL')
      return 'cut'
    })
  await rig.inject(`SIGKILL ${at}`, strike, 'takeover')
  await rig.crew.fill(crewSize)
  await rig.inject(`a dead process's ${failpoint(at).api} arrives`, async () => {
    await deliver(late!)
    return undefined
  })
}

/** Over a connection of its own; the broker knows a producer by its id and epoch. */
async function deliver({ frame, broker }: Passing): Promise<void> {
  const socket = connect(broker, '127.0.0.1')
  socket.write(frame)
  await Promise.race([once(socket, 'data'), once(socket, 'close')])
  socket.destroy()
}
