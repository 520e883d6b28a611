/** A Kafka behind TLS that asks who one is: sessions that end and are renewed, and those who are not let in. */
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import type { KafkaSasl } from '../../src/adapters/kafka/options.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { Copier } from '../contract/event-log/copier.ts'
import type { Access } from '../contract/event-log/kafka-world.ts'
import { until as untilAsync } from '../pipeline/harness.ts'
import { goodJson } from '../poison/json-events.ts'
import { describeWith } from '../servers.ts'
import { silentLog } from '../silent-log.ts'
import { newAuthority } from './certificates.ts'
import { type ClusterAdmin, clusterAdmin } from './cluster-admin.ts'
import { newNames, publishValues, until, valuesIn } from './kafka-topics.ts'
import { newPayments } from './payments.ts'
import { type SecuredKafka, startSecuredKafka, user } from './secured-kafka.ts'

/** Short, so that a test sees several. */
const sessionMs = 1_500
const logs: EventLog[] = []
let kafka: SecuredKafka

beforeAll(async () => {
  kafka = await startSecuredKafka(sessionMs)
})
afterEach(() => Promise.all(logs.splice(0).map((log) => log.close())))
afterAll(() => kafka?.stop())

function open(access: Access): EventLog {
  const log = kafkaLog({
    ...access,
    clientId: 'secured',
    transactionalId: randomUUID(),
    patienceMs: 10_000,
    log: silentLog,
    clock: systemClock,
  })
  logs.push(log)
  return log
}

describe('a session that ends in the midst of work', () => {
  test.each([
    { mechanism: 'plain', ...user },
    { mechanism: 'scram-sha-256', ...user },
    { mechanism: 'scram-sha-512', ...user },
  ] as const)('is renewed, by $mechanism, and nothing is lost, twice, or begun again', async (sasl) => {
    await copiesOverSessions(sasl)
  })

  test('is renewed by a new token, which is asked for in time, and nothing is lost, twice, or begun again', async () => {
    let asked = 0
    const token = async (): Promise<string> => {
      asked++
      return kafka.issuer.token('alice', 60)
    }
    await copiesOverSessions({ mechanism: 'oauthbearer', token })
    // The publisher's connection, the copier's for commits and the one for fetches: at the beginning and three times more.
    expect(asked).toBeGreaterThanOrEqual(3 * 4)
  })

  /** Copies records a few at a time while three sessions run out. */
  async function copiesOverSessions(sasl: KafkaSasl): Promise<void> {
    const log = open(kafka.access(sasl))
    const { input, output, group } = await newNames(log, 2)
    const values: string[] = []
    const copier = new Copier(log, group, input, output)
    const endMs = performance.now() + 3.2 * sessionMs
    while (performance.now() < endMs) {
      const more = Array.from({ length: 5 }, (_, i) => `v-${values.length + i}`)
      values.push(...more)
      for (const partition of [0, 1]) await publishValues(log, input, partition, more)
      copier.allow(2 * values.length)
      await until('what was published is copied', () => copier.copied === 2 * values.length)
    }
    expect(copier.shares).toBe(1)
    await copier.membership.leave()
    for (const partition of [0, 1]) expect(await valuesIn(log, output, partition)).toEqual(values)
  }
})

describe('who is not let in is told so, at once and by one error', () => {
  const refused = (access: Access) => expect(open(access).describe('any')).rejects

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('%s with a wrong password', async (mechanism) => {
    await refused(kafka.access({ mechanism, username: 'alice', password: () => 'wrong' })).toMatchObject({
      code: 'log.denied',
      message: expect.stringContaining(`${kafka.securedAddress} does not let "alice" in by ${mechanism}, `),
    })
  })

  test.each([
    ['a token that has run out', () => kafka.issuer.token('alice', -120)],
    ['what is not a token', () => 'x.y.z'],
    ['a token that nobody has signed', () => `${kafka.issuer.token('alice', 60).split('.').slice(0, 2).join('.')}.`],
  ])('%s', async (_, token) => {
    await refused(kafka.access({ mechanism: 'oauthbearer', token: async () => token() })).toMatchObject({
      code: 'log.denied',
      message: expect.stringContaining(`${kafka.securedAddress} does not let the token in by oauthbearer, `),
    })
  })

  test('a broker whose certificate another authority has signed is not spoken to', async () => {
    const { ca } = newAuthority(kafka.folder, 'stranger')
    const message =
      `no TLS with ${kafka.securedAddress}: its certificate is of an authority that is not trusted: ` +
      'that is not the one in kafka.tls.caFile'
    await refused(kafka.access({ mechanism: 'plain', ...user }, ca)).toMatchObject({ code: 'log.denied', message })
  })

  test('a broker whose certificate has expired is not spoken to', async () => {
    const access = kafka.access({ mechanism: 'plain', ...user })
    await refused({ ...access, brokers: [kafka.expiredAddress] }).toMatchObject({
      code: 'log.denied',
      message: `no TLS with ${kafka.expiredAddress}: its certificate has expired: renew it there`,
    })
  })

  test('a broker whose certificate is for another name is not spoken to', async () => {
    const access = kafka.access({ mechanism: 'plain', ...user })
    const tls = { ca: kafka.authority.ca, servername: 'kafka.example.org' }
    await refused({ ...access, tls }).toMatchObject({
      code: 'log.denied',
      message: `no TLS with ${kafka.securedAddress}: its certificate is for server: connect by that name, or set kafka.tls.serverName`,
    })
  })
})

describeWith(['registry', 'redis'], 'shoal run by a name and a password', ({ registry, redis }) => {
  let admin: ClusterAdmin

  beforeAll(async () => {
    admin = await clusterAdmin(kafka.address)
  })
  afterAll(() => admin?.close())

  test('says that it is not let in, tries again, and goes on whenever the password is mended at the broker', async () => {
    const ca = join(kafka.server.folder, 'authority.pem')
    writeFileSync(ca, kafka.authority.ca)
    const sasl = 'sasl: { mechanism: scram-sha-512, username: bob, password: bob-secret }'
    const access = `brokers: [${kafka.securedAddress}], tls: { enabled: true, caFile: '${ca}' }, ${sasl}`
    const payments = await newPayments({ kafka: kafka.address, redis, registry }, 'json', access)
    try {
      const running = await payments.start()
      const healthIs = async (words: RegExp): Promise<void> => {
        let health = ''
        await untilAsync(
          async () => {
            health = await running.health()
            return words.test(health)
          },
          () => `the health ${words}: it was ${health}, and the process has said: ${running.said()}`,
          60_000,
        )
      }
      // Whoever writes the events has the same password, and the broker may take a while to know it.
      const send = (events: ReturnType<typeof goodJson>) =>
        vi.waitFor(() => payments.send(events), { timeout: 60_000, interval: 100 })
      await healthIs(/^not ready: .*kafka: .* does not let "bob" in by scram-sha-512/)
      await admin.ask('password', 'bob', 'SCRAM-SHA-512', 'bob-secret')
      await send(goodJson(300, 1))
      await payments.done(running)
      await healthIs(/^ready: serving$/)

      await admin.ask('password', 'bob', 'SCRAM-SHA-512', 'another')
      await healthIs(/^not ready: .*kafka: .* does not let "bob" in by scram-sha-512/)
      await admin.ask('password', 'bob', 'SCRAM-SHA-512', 'bob-secret')
      await send(goodJson(100, 2))
      await payments.done(running)
      await healthIs(/^ready: serving$/)

      running.signal('SIGTERM')
      expect(await running.ended).toMatchObject({ code: 0, stdout: '' })
      expect((await payments.read(payments.topics.assignments)).length).toBe(400)
      expect(await payments.read(payments.topics.deadLetters)).toEqual([])
    } finally {
      await payments.discard()
    }
  })
})
