/** What real brokers answer to the requests of the transaction protocol, in both of its versions, and to wrong ones. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster } from '../../src/adapters/kafka/cluster.ts'
import { lane } from '../../src/adapters/kafka/connection.ts'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { type Settings, settingsOf } from '../../src/adapters/kafka/options.ts'
import { OutputSet } from '../../src/adapters/kafka/output-set.ts'
import { produce } from '../../src/adapters/kafka/produce-request.ts'
import { produceRounds } from '../../src/adapters/kafka/producer.ts'
import { FinishedBatch } from '../../src/adapters/kafka/record-batch-writer.ts'
import { KafkaSession } from '../../src/adapters/kafka/session.ts'
import { endTxn, type ProducerIdentity } from '../../src/adapters/kafka/transaction-requests.ts'
import { TransactionalId } from '../../src/adapters/kafka/transactional-id.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { describeWith } from '../servers.ts'
import { silentLog } from '../silent-log.ts'
import { newNames, valuesIn } from './kafka-topics.ts'

const fenced = { code: 'log.fenced' }
const lost = { code: 'log.unavailable' }
const versions = { 1: { produce: 11, offsets: 4, end: 4 }, 2: { produce: 12, offsets: 5, end: 5 } } as const
const deadline = () => Date.now() + 10_000

describeWith(['kafka'], 'a real broker', ({ kafka }) => {
  const options = {
    brokers: [kafka],
    clientId: 'protocol',
    transactionalId: randomUUID(),
    log: silentLog,
    clock: systemClock,
  }
  let settings: Settings
  let cluster: Cluster
  let log: EventLog

  beforeAll(async () => {
    settings = settingsOf(options)
    cluster = new Cluster(settings)
    log = kafkaLog(options)
    await cluster.connect([], deadline())
  })
  afterAll(async () => {
    await log.close()
    await cluster.close()
  })

  describe.each([1, 2] as const)('in transaction version %i', (transactionVersion) => {
    const version = versions[transactionVersion]

    /** An initialised id, a topic, and the steps of its transactions. */
    async function writer() {
      const names = await newNames(log, 1)
      await cluster.know([names.output, names.input])
      const name = randomUUID()
      const idOf = () => new TransactionalId(name, cluster, systemClock, 10_000)
      const id = idOf()
      await id.initialise(deadline())
      /** What a worker does before it may write. */
      const open = async (of: TransactionalId) => {
        if (transactionVersion === 1) await of.addPartitions(new Map([[names.output, [0]]]), deadline())
      }
      const write = async (of: TransactionalId, value: string) => {
        const outputs = new OutputSet(() => 1_000_000, true)
        outputs.append({
          topic: names.output,
          partition: 0,
          key: null,
          value: Buffer.from(value),
          timestamp: Date.now(),
        })
        const context = {
          cluster,
          clock: systemClock,
          transactionalId: of.id,
          who: of.who,
          sequences: of.sequences,
          version: version.produce,
          deadlineMs: deadline(),
        }
        const rounds = outputs.rounds()
        const bytes = Buffer.from(rounds[0].batches[0].batch.bytes)
        await produceRounds(rounds, context)
        return bytes
      }
      const end = (of: TransactionalId, commit: boolean) => of.end(commit, version.end, deadline())
      return { ...names, id, idOf, open, write, end, values: () => valuesIn(log, names.output, 0) }
    }

    /** Sends bytes as they are; the broker's verdict on the partition. */
    async function sendRaw(id: TransactionalId, topic: string, bytes: Buffer): Promise<number> {
      const request = produce(id.id, [{ topic, partition: 0, bytes }], 5_000, version.produce)
      const { partitions } = await cluster.send(cluster.leader(topic, 0)!, lane.requests, request)
      return partitions[0].error
    }

    const askEnd = async (id: string, who: ProducerIdentity, commit: boolean) =>
      cluster.send(await cluster.coordinator('transaction', id), lane.requests, endTxn(id, who, commit, version.end))

    test('what was committed is seen and what was aborted is not, one transaction after the other', async () => {
      const { id, open, write, end, values } = await writer()
      for (const [value, commit] of [
        ['a', true],
        ['b', false],
        ['c', true],
        ['d', false],
        ['e', true],
      ] as const) {
        await open(id)
        await write(id, value)
        await end(id, commit)
      }
      expect(await values()).toEqual(['a', 'c', 'e'])
    })

    test('positions are taken from the present generation only', async () => {
      const { id, input, output, group, open, write, end } = await writer()
      const session = new KafkaSession({
        ...{ ...settings, cluster, group, topic: input, ids: [] },
        seats: new Cluster(settings),
        ensureTopic: () => Promise.resolve(),
        onOpen: () => Promise.resolve(),
      })
      const forever = new AbortController().signal
      await session.open(forever)
      const { memberId, generation } = (await session.join([], forever))!
      const commit = { group, topic: input, positions: new Map([[0, 7]]), memberId, generation }
      const offer = async (offered: typeof commit) => {
        await open(id)
        if (transactionVersion === 1) await id.addOffsets(group, deadline())
        await write(id, 'beside positions')
        return id.commitOffsets(offered, version.offsets, deadline())
      }
      expect(await offer({ ...commit, generation: generation - 1 })).toBe('stale')
      await end(id, false)
      expect(await offer({ ...commit, memberId: 'a stranger' })).toBe('stale')
      await end(id, false)
      expect(await log.committed(group, input)).toEqual(new Map())
      expect(await offer(commit)).toBe('staged')
      await end(id, true)
      expect(await log.committed(group, input)).toEqual(commit.positions)
      expect(await valuesIn(log, output, 0)).toEqual(['beside positions'])
      await session.leave()
    })

    test('a batch that is sent again is written once', async () => {
      const { id, output, open, write, end, values } = await writer()
      await open(id)
      const bytes = await write(id, 'once')
      // What produceRounds sent was stamped afterwards; these bytes are sent twice as they are.
      const stamped = stamp(bytes, id.who, 1)
      expect([await sendRaw(id, output, stamped), await sendRaw(id, output, stamped)]).toEqual([0, 0])
      await end(id, true)
      expect(await values()).toEqual(['once', 'once'])
    })

    test('a gap in the sequence, and two batches of one partition in one request, are refused', async () => {
      const { id, output, open, write, end } = await writer()
      await open(id)
      const bytes = await write(id, 'first')
      expect(await sendRaw(id, output, stamp(bytes, id.who, 9))).toBe(45)
      expect(await sendRaw(id, output, Buffer.concat([stamp(bytes, id.who, 1), stamp(bytes, id.who, 2)]))).toBe(87)
      await end(id, false)
    })

    test('who is initialised later ends what the earlier one left open, and fences it', async () => {
      const { id, idOf, open, write, end, values } = await writer()
      await open(id)
      await write(id, 'left open')
      const heir = idOf()
      await heir.initialise(deadline())
      await expect(write(id, 'of a zombie')).rejects.toMatchObject(fenced)
      await expect(end(id, true)).rejects.toMatchObject(fenced)
      await open(heir)
      await write(heir, 'of the heir')
      await end(heir, true)
      expect(await values()).toEqual(['of the heir'])
    })

    test('an end whose answer was lost may be asked for again; its opposite is refused', async () => {
      const { id, open, write, end, values } = await writer()
      await open(id)
      await write(id, 'ended')
      const before = id.who
      await end(id, true)
      const again = await repeated(() => askEnd(id.id, before, true))
      expect(again).toMatchObject({ error: 0, ...id.who })
      expect((await askEnd(id.id, before, false)).error).not.toBe(0)
      expect(await values()).toEqual(['ended'])
    })

    test('the commit of an empty transaction is refused', async () => {
      const { id, end } = await writer()
      await expect(end(id, true)).rejects.toMatchObject(lost)
    })
  })

  test('a record that is written in version 1 before its partition was added is not taken', async () => {
    const names = await newNames(log, 1)
    await cluster.know([names.output])
    const id = new TransactionalId(randomUUID(), cluster, systemClock, 10_000)
    const outputs = new OutputSet(() => 1_000_000, true)
    await id.initialise(deadline())
    outputs.append({
      topic: names.output,
      partition: 0,
      key: null,
      value: Buffer.from('too early'),
      timestamp: Date.now(),
    })
    const context = {
      cluster,
      clock: systemClock,
      transactionalId: id.id,
      who: id.who,
      sequences: id.sequences,
      version: 11,
      deadlineMs: Date.now() + 1_000,
    }
    await expect(produceRounds(outputs.rounds(), context)).rejects.toMatchObject(lost)
    expect(await valuesIn(log, names.output, 0)).toEqual([])
  })
})

/** The same batch under another sequence number. */
function stamp(bytes: Buffer, who: ProducerIdentity, sequence: number): Buffer {
  const copy = new FinishedBatch(Buffer.from(bytes), 1)
  copy.stamp(who, sequence)
  return copy.bytes
}

/** While the markers are written the answer is CONCURRENT_TRANSACTIONS. */
async function repeated<T extends { readonly error: number }>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    const answer = await ask()
    if (answer.error !== 51 || tries > 1_000) return answer
    await systemClock.sleep(5)
  }
}
