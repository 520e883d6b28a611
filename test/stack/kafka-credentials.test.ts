/** `shoal run` by each way of saying who one is: what it does with a wrong secret, with the right one in its place, and with the next. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../pipeline/harness.ts'
import { goodJson } from '../poison/json-events.ts'
import { type ClusterAdmin, clusterAdmin } from './cluster-admin.ts'
import { newPayments } from './payments.ts'
import { put as putInto } from './put.ts'
import { type SecuredKafka, startSecuredKafka } from './secured-kafka.ts'
import type { ShoalProcess } from './shoal-process.ts'

let kafka: SecuredKafka
let admin: ClusterAdmin

beforeAll(async () => {
  // Sessions of two seconds and tokens of six: what a file holds next is soon asked for.
  kafka = await startSecuredKafka(2_000, 6)
  admin = await clusterAdmin(kafka.address)
})
afterAll(async () => {
  await admin?.close()
  await kafka?.stop()
})

const put = (name: string, text: string) => putInto(kafka.folder, name, text)

interface Way {
  /** Of the configuration, with files that hold what is wrong. */
  access(): string
  /** What the one line says. */
  readonly refusal: () => string
  /** Puts what is right in its place. */
  mend(): void
  /** Changes the secret on both sides. */
  rotate(): Promise<void>
}

const tls = () => `tls: { enabled: true, caFile: '${kafka.authority.caFile}' }`
const secured = (sasl: string) => `brokers: [${kafka.securedAddress}], ${tls()}, sasl: { ${sasl} }`

const scram: Way = {
  access: () =>
    secured(`mechanism: scram-sha-512, username: alice, passwordFile: '${put('password', 'wrong-secret\n')}'`),
  refusal: () =>
    `kafka: ${kafka.securedAddress} does not let "alice" in by scram-sha-512, Authentication failed during authentication ` +
    'due to invalid credentials with SASL mechanism SCRAM-SHA-512: check kafka.sasl.username and passwordFile',
  mend: () => void put('password', 'alice-secret\n'),
  async rotate() {
    await admin.ask('password', 'alice', 'SCRAM-SHA-512', 'next-secret')
    put('password', 'next-secret\n')
  },
}

const endpoint: Way = {
  access() {
    kafka.issuer.clients.set('alice', 'client-secret')
    const from = `tokenEndpoint: '${kafka.issuer.tokenUrl}', clientId: alice, clientSecretFile: '${put('client', 'wrong-secret')}'`
    return secured(`mechanism: oauthbearer, oauth: { ${from} }`)
  },
  refusal: () =>
    `kafka: the token endpoint ${kafka.issuer.tokenUrl} gives client "alice" no token, 401 invalid_client: ` +
    'check kafka.sasl.oauth: clientId, clientSecretFile and scope',
  mend: () => void put('client', 'client-secret\n'),
  async rotate() {
    kafka.issuer.clients.set('alice', 'next-secret')
    put('client', 'next-secret\n')
    const given = kafka.issuer.given()
    await until(
      () => kafka.issuer.given() > given,
      () => 'a token for the next secret',
    )
  },
}

const tokenFile: Way = {
  access: () => secured(`mechanism: oauthbearer, tokenFile: '${put('token', kafka.issuer.token('alice', -60))}'`),
  refusal: () =>
    `kafka: ${kafka.securedAddress} does not let the token in by oauthbearer, {"status":"invalid_token"}: ` +
    'check kafka.sasl.oauth or tokenFile',
  mend: () => void put('token', kafka.issuer.token('alice', 600)),
  rotate: async () => void put('token', kafka.issuer.token('alice', 600)),
}

const certificate: Way = {
  access() {
    const { certFile, keyFile } = kafka.authority.issue('shoal', { fromHours: -48, toHours: -24 })
    const files = `caFile: '${kafka.authority.caFile}', certFile: '${certFile}', keyFile: '${keyFile}'`
    return `brokers: ['${kafka.mutualAddress}'], tls: { enabled: true, ${files} }`
  },
  refusal: () => `kafka: no TLS with ${kafka.mutualAddress}: kafka.tls.certFile has expired on `,
  mend: () => void kafka.authority.issue('shoal'),
  async rotate() {
    kafka.authority.issue('shoal')
    kafka.mutualLink.cut()
  },
}

async function healthIs(words: RegExp, running: ShoalProcess): Promise<void> {
  let health = ''
  await until(
    async () => {
      health = await running.health()
      return words.test(health)
    },
    () => `the health ${words}: it was ${health}, and the process has said: ${running.said()}`,
    60_000,
  )
}

describe.each([
  ['SCRAM', scram],
  ['a token of an endpoint', endpoint],
  ['a token in a file', tokenFile],
  ['a client certificate', certificate],
] as const)('shoal run by %s', (_, { access, refusal, mend, rotate }) => {
  test('says once in one line what is wrong, tries again, and goes on when files are replaced, without a restart', async () => {
    const addresses = { kafka: kafka.address, registry: '', redis: '' }
    const payments = await newPayments(addresses, 'json', access(), ['registry: { url: null }'])
    try {
      const running = await payments.start()
      const attempts = () => running.metric('shoal_restarts_total', 'code="log.denied"')
      await until(
        async () => (await attempts()) >= 3,
        () => `a third attempt: ${running.said()}`,
        60_000,
      )
      expect(await running.health()).toContain(refusal())
      expect(await running.metric('shoal_problem', 'part="kafka"')).toBe(1)
      expect(
        running.lines().filter((line) => line.includes('"level":"error"') || line.includes('"level":"warn"')),
      ).toEqual([expect.stringContaining(JSON.stringify(refusal()).slice(1, -1))])

      mend()
      await payments.send(goodJson(300, 1))
      await payments.done(running)
      await healthIs(/^ready: serving$/, running)
      expect(await running.metric('shoal_problem', 'part="kafka"')).toBe(0)

      await rotate()
      await payments.send(goodJson(100, 2))
      await payments.done(running)
      await healthIs(/^ready: serving$/, running)

      running.signal('SIGTERM')
      expect(await running.ended).toMatchObject({ code: 0, stdout: '' })
      expect((await payments.read(payments.topics.assignments)).length).toBe(400)
    } finally {
      await payments.discard()
    }
  })
})
