/** What becomes of a worker's transactions when brokers answer with errors, whether what was asked had happened or not. */
import { randomUUID } from 'node:crypto'
import kafkajs, { type Admin } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { type Chapter, type Injection, ledgerText, ledgerVariable, writeChapter } from '../../tools/fault-ledger.ts'
import { startKafka } from '../../tools/stack/kafka.ts'
import { freePort, type Server } from '../../tools/stack/server.ts'
import { silentLog } from '../silent-log.ts'
import { type FaultyWire, faultyWire } from './faulty-wire.ts'
import { readCommitted, watchEnds } from './independent-reader.ts'
import { newNames, publishValues } from './kafka-topics.ts'
import { type Case, isOfBeginning, possibleEndings, shuffledCases, titleOf } from './lies.ts'
import { plausible, type RequestName } from './plausible-errors.ts'
import { SupervisedCopier } from './supervised-copier.ts'

const requests = Object.keys(plausible) as RequestName[]

/** In transaction version 2 the client does not ask for these. */
const unasked: Readonly<Record<string, readonly RequestName[]>> = {
  '4.4.0': ['AddPartitionsToTxn', 'AddOffsetsToTxn'],
  '3.9.2': [],
}
/** Workers that are lied to at the same time. */
const liedTo = 4
const partitions = 2
const eventsAtATime = 40
const mostTold = 3
/** What ends a membership has ended it by then. */
const endingMs = 30_000
const seed = 20_261

async function report(chapter: Chapter): Promise<void> {
  const folder = process.env[ledgerVariable]
  if (folder === undefined) console.log(ledgerText([chapter]))
  else await writeChapter(folder, chapter)
}

// Its brokers are its own: the version is the one that the run is about.
describe.each([process.env.SHOAL_KAFKA_VERSION ?? '4.4.0'])('on Kafka %s', (version) => {
  let wire: FaultyWire
  let broker: Server
  let admin: Admin
  const logs: EventLog[] = []
  /** What is to be told to which client, and at how many requests from now. */
  const planned = new Map<string, { readonly lie: Case; left: number }>()
  /** The last lie to each client. */
  const told = new Map<string, Case>()
  const toldMs = new Map<string, number>()

  beforeAll(async () => {
    wire = await faultyWire()
    const port = await freePort()
    wire.broker = port
    wire.judge = (apiKey, clientId) => {
      const plan = planned.get(clientId)
      if (plan === undefined || plausible[plan.lie.request].key !== apiKey || --plan.left > 0) return 'pass'
      planned.delete(clientId)
      toldMs.set(clientId, Date.now())
      told.set(clientId, plan.lie)
      return plan.lie
    }
    wire.onUntold = (clientId) => {
      planned.set(clientId, { lie: told.get(clientId)!, left: 1 })
    }
    broker = await startKafka({
      version,
      port,
      properties: { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${wire.port}` },
    })
    admin = new kafkajs.Kafka({ brokers: [`127.0.0.1:${wire.port}`], logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
  })
  afterAll(async () => {
    await admin?.disconnect()
    await Promise.all(logs.map((log) => log.close()))
    await broker?.stop()
    await wire.close()
  })

  function client(clientId: string): EventLog {
    const log = kafkaLog({
      brokers: [`127.0.0.1:${wire.port}`],
      clientId,
      transactionalId: randomUUID(),
      // A member whose joining is hidden from it is in the way of its own next one for so long.
      sessionTimeoutMs: 1_000,
      heartbeatIntervalMs: 20,
      rebalanceTimeoutMs: 5_000,
      log: silentLog,
      clock: systemClock,
    })
    logs.push(log)
    return log
  }

  /** One worker, fed all the while, and told one lie after the other. */
  async function deceive(name: string, cases: readonly Case[]) {
    const watcher = client(`${name} watcher`)
    const names = await newNames(watcher, partitions)
    const { input, output, group } = names
    const copier = new SupervisedCopier(client(name), group, input, output)
    const surprises: string[] = []
    const injections: Injection[] = []
    const titles: string[] = []
    let fed = 0
    const feed = async () => {
      const values = Array.from({ length: eventsAtATime }, (_, i) => `v-${fed + i}`)
      for (let partition = 0; partition < partitions; partition++)
        await publishValues(watcher, input, partition, values)
      fed += eventsAtATime
      await copied(watcher, input, group, fed)
    }
    const tell = async (lie: Case) => {
      const isBeginning = isOfBeginning(lie.request)
      if (isBeginning) await copier.stop()
      if (lie.request === 'ListOffsets') await forgetPositions(input, group, fed)
      copier.endings.length = 0
      planned.set(name, { lie, left: lie.nth })
      if (isBeginning) copier.start()
      do await feed()
      while (planned.has(name))
    }
    const hasEnded = async () => {
      const late = Date.now() + endingMs
      while (copier.endings.length === 0 && Date.now() < late) await systemClock.sleep(10)
      return copier.endings.length > 0
    }
    copier.start()
    await feed()
    for (const lie of cases) {
      const possible = possibleEndings(lie)
      // A join that was given up may be the one that is lied to: then nobody listens.
      for (let left = mostTold; left > 0; left--) {
        await tell(lie)
        if (possible.includes(null) || (await hasEnded())) break
      }
      titles.push(titleOf(lie))
      injections.push({
        fault: `${lie.request} answered with an error`,
        recoverySeconds: (Date.now() - toldMs.get(name)!) / 1000,
        succession: null,
        // What is counted here is compared, record by record, at the end.
        counts: { events: eventsAtATime * partitions, duplicates: 0, losses: 0, orderBreaks: 0, wrong: 0 },
      })
      const ending = copier.endings.length > 1 ? copier.endings.join() : (copier.endings[0] ?? null)
      if (!possible.includes(ending)) surprises.push(`${titleOf(lie)}: ${ending} instead of ${possible.join(' or ')}`)
    }
    await copier.stop()
    return { ...names, fed, surprises, injections, titles }
  }

  /** A group without positions begins where the log does, which is where it stood. */
  async function forgetPositions(topic: string, group: string, offset: number): Promise<void> {
    await admin.fetchTopicOffsets(topic) // Else kafkajs does not know the topic's leaders.
    const all = Array.from({ length: partitions }, (_, partition) => ({ partition, offset: String(offset) }))
    await admin.deleteTopicRecords({ topic, partitions: all })
    await admin.deleteGroups([group])
  }

  /** Resolves when the group has committed so much of every partition. */
  async function copied(watcher: EventLog, topic: string, group: string, end: number): Promise<void> {
    for (const deadlineMs = Date.now() + 120_000; ; ) {
      const positions = await watcher.committed(group, topic)
      if ([...positions.values()].filter((position) => position === end).length === partitions) return
      if (Date.now() > deadlineMs) throw new Error(`group ${group} must reach ${end}: it is at ${[...positions]}`)
      await systemClock.sleep(2)
    }
  }

  test('each record is committed once and in order, whichever error is answered to whichever request', async () => {
    const asked = requests.filter((request) => !(unasked[version] ?? []).includes(request))
    const random = new Random(seed)
    const cases = shuffledCases(
      asked.filter((request) => request !== 'ListOffsets'),
      random,
    )
    const beginnings = shuffledCases(['ListOffsets'], random)
    const ends = await watchEnds(broker.address)
    const workers = await Promise.all([
      deceive('beginner', beginnings),
      ...Array.from({ length: liedTo }, (_, n) =>
        deceive(
          `worker ${n}`,
          cases.filter((_, i) => i % liedTo === n),
        ),
      ),
    ])
    expect(workers.flatMap(({ surprises }) => surprises)).toEqual([])
    expect(workers.flatMap(({ titles }) => titles).sort()).toEqual([...cases, ...beginnings].map(titleOf).sort())

    for (const { input, output, group, fed } of workers) {
      // The brokers acknowledge an end before they have told it to every partition.
      await vi.waitFor(async () => {
        for (const { lastStable, highWatermark } of await ends.ask(output)) expect(lastStable).toBe(highWatermark)
      }, 30_000)
      const committed = await readCommitted(broker.address, group, [output])
      const expected = Array.from({ length: fed }, (_, i) => `v-${i}`)
      const found = committed.records(output).map((records) => records.map(({ value }) => value?.toString()))
      expect(found).toEqual(Array(partitions).fill(expected))
      expect(committed.positions(input)).toEqual(Array(partitions).fill(fed))
    }
    await ends.close()
    await report({
      scenario: `errors answered, whatever had happened, by Kafka ${version}`,
      kafka: `Kafka ${version}`,
      sessionTimeoutSeconds: 1,
      peakMegabytes: 0,
      growth: null,
      versionsCompared: 0,
      injections: workers.flatMap(({ injections }) => injections),
    })
  }, 600_000)
})
