/** Brokers that die, leave, and hand over what they lead, in the midst of transactions. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../servers.ts'
import { type Blow, type Brokers, type Role, startBrokers } from '../brokers.ts'
import { inFull } from '../describe-faults.ts'
import { KafkaForgot, openRig, type Rig } from '../rig.ts'
import type { Fate } from '../wire.ts'

const crewSize = 2
const deadlineMs = inFull(3_600_000, 600_000)

type Strike = readonly [blow: Blow, role: Role, at: string]

/** Before Kafka 4 partitions and offsets are added to a transaction by requests of their own. */
const isVersion1 = process.env.SHOAL_KAFKA_VERSION?.startsWith('3.') === true
const steps = [
  ...(isVersion1 ? ['score:after:AddPartitionsToTxn', 'score:before:AddOffsetsToTxn'] : []),
  'score:after:Produce',
  'score:after:TxnOffsetCommit',
  'score:before:EndTxn',
  'score:after:EndTxn',
  'train:before:EndTxn',
]
const roles: readonly Role[] = ['leader', 'transaction coordinator', 'group coordinator']
const everywhere = (blow: Blow, role: Role): readonly Strike[] => steps.map((at) => [blow, role, at])

/** Everything has three replicas, one of which may be away. */
const amongThree: readonly Strike[] = [
  ...roles.flatMap((role) => (['SIGKILL', 'SIGTERM', 'move'] as const).flatMap((blow) => everywhere(blow, role))),
  ['SIGKILL', 'controller', 'score:before:EndTxn'],
  ['SIGTERM', 'controller', 'score:before:EndTxn'],
]

/** Whatever it is struck as, it is everything. */
const alone = inFull<readonly Strike[]>(
  [...everywhere('SIGKILL', 'leader'), ...everywhere('SIGTERM', 'leader')],
  [['SIGKILL', 'leader', 'score:before:EndTxn']],
)

const three = ['three brokers', 3, amongThree] as const
const one = ['one broker', 1, alone] as const

for (const [title, count, strikes] of inFull([three, one], [one])) {
  describeWith(['registry', 'redis'], title, (servers) => {
    let brokers: Brokers
    let rig: Rig

    beforeAll(async () => {
      brokers = await startBrokers(count)
      await begin()
    }, deadlineMs)

    async function begin(): Promise<void> {
      rig = await openRig(title, brokers.kafka, servers)
      await rig.crew.fill(crewSize)
      await rig.recovered(Date.now(), 'the start')
    }

    afterAll(async () => {
      await rig?.close()
      await brokers?.stop()
    }, deadlineMs)

    test.each(strikes)(
      '%s of the %s, %s: nothing is lost, twice or out of order',
      { timeout: deadlineMs },
      async (blow, role, at) => {
        const fault = `${blow} of the ${role}, ${at}`
        const struck = async (): Promise<number> => {
          let dealt: Promise<number> | null = null
          const atMs = await rig.act(at, async (_, passing): Promise<Fate> => {
            dealt = brokers.strike(role, blow, rig, passing)
            await dealt.catch(() => undefined)
            return 'pass'
          })
          expect(await dealt).toBeGreaterThan(0)
          // Alone it is missed for as long as it is away.
          if (count === 1) await brokers.settle(rig)
          return atMs
        }
        try {
          await rig.inject(fault, struck)
        } catch (error) {
          // Only what is alone ever is without a leader.
          if (!(count === 1 && error instanceof KafkaForgot)) throw error
          rig.isVoid(fault, error)
          await rig.close()
          await begin()
        }
        await brokers.settle(rig)
      },
    )

    test('when the faults are over, all is done, nothing is open, and the model is the fold', {
      timeout: deadlineMs,
    }, async () => {
      await rig.end()
      expect(await brokers.open()).toEqual([])
      expect(rig.verifier.counts.events).toBeGreaterThan(0)
    })
  })
}
