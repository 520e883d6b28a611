/** No secret that lies in a file is in anything that Shoal prints, answers, sends to watchers or hands to processes. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRedis } from '../../tools/stack/redis.ts'
import type { Server } from '../../tools/stack/server.ts'
import { until } from '../pipeline/harness.ts'
import { goodJson } from '../poison/json-events.ts'
import { newPayments } from './payments.ts'
import { put as putInto } from './put.ts'
import { redisRights } from './redis-rights.ts'
import { type SecuredKafka, startSecuredKafka } from './secured-kafka.ts'
import { type SecuredRegistry, startSecuredRegistry } from './secured-registry.ts'
import { attempt, type ShoalProcess } from './shoal-process.ts'
import { startSpanReceiver } from './span-receiver.ts'

let kafka: SecuredKafka
let registry: SecuredRegistry
let redis: Server

beforeAll(async () => {
  kafka = await startSecuredKafka(2_000)
  const { authority } = kafka
  registry = await startSecuredRegistry(authority)
  const tls = { ...authority.issue('redis'), caFile: authority.caFile }
  redis = await startRedis({ tls, settings: ['--user', ...redisRights('redis-secret').split(' ')] })
  kafka.issuer.clients.set('alice', 'client-secret')
})
afterAll(async () => {
  await Promise.all([redis?.stop(), registry?.stop()])
  await kafka?.stop()
})

const put = (name: string, text: string) => putInto(kafka.folder, name, text)

const { paths } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'schemas', 'openapi.json'), 'utf8'),
) as { readonly paths: Readonly<Record<string, object>> }

/** By which something of a secret would be known, in any of the ways in which it goes over a wire. */
function tracesOf(secrets: readonly string[]): readonly string[] {
  const pairs = secrets.flatMap((secret) => ['alice', 'shoal'].map((user) => `${user}:${secret}`))
  const encoded = [...secrets, ...pairs].map((text) => Buffer.from(text).toString('base64').replace(/=+$/, ''))
  return [...secrets, ...secrets.map(encodeURIComponent), ...encoded]
}

/** Everything that the API answers to a reader, by each worker. */
async function answersOf({ url }: ShoalProcess, workers: number): Promise<string> {
  const asked = Object.keys(paths).map((path) => path.replace(/\{\w+\}/g, '0'))
  expect(asked).toContain('/v1/configuration')
  const { hostname, port } = new URL(url)
  const bases = Array.from({ length: workers }, (_, i) => `http://${hostname}:${Number(port) + i}`)
  const all = bases.flatMap((base) =>
    [...asked, '/metrics', '/health/ready', '/health/live', '/nothing'].map((path) => base + path),
  )
  const answers = await Promise.all(
    all.map(async (each) => {
      const signal = AbortSignal.timeout(2_000)
      const answer = await fetch(each, { signal }).catch(() => null)
      // Streams of events never end: what has come by then is looked at.
      return answer === null ? '' : `${JSON.stringify([...answer.headers])}${await answer.text().catch(() => '')}`
    }),
  )
  return answers.join('\n')
}

/** Arguments and environment of a process and all that it has started. */
function processesOf(pid: number): readonly string[] {
  const read = (of: string, what: string) => readFileSync(`/proc/${of}/${what}`, 'utf8')
  const parentOf = (of: string) => Number(/^\d+ \(.*\) \S (\d+)/s.exec(read(of, 'stat'))?.[1])
  const found = [String(pid)]
  for (const each of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (parentOf(each) === pid) found.push(each)
    } catch {
      // It has ended since.
    }
  }
  return found.map((of) => read(of, 'cmdline') + read(of, 'environ'))
}

const shared = () => `caFile: '${kafka.authority.caFile}'`

test.each([
  {
    kind: 'a password and a certificate whose key is encrypted',
    access() {
      const { certFile, keyFile, key } = kafka.authority.issue('shoal', { passphrase: 'phrase-secret' })
      const own = `certFile: '${certFile}', keyFile: '${keyFile}', keyPassphraseFile: '${put('phrase', 'phrase-secret')}'`
      const sasl = `mechanism: scram-sha-512, username: alice, passwordFile: '${join(kafka.folder, 'kafka')}'`
      const secrets = ['alice-secret', 'phrase-secret', ...key.split('\n').slice(1, 4)]
      return { tls: `${shared()}, ${own}`, sasl, right: 'alice-secret', secrets }
    },
  },
  {
    kind: 'client credentials and a token',
    access() {
      const from = `tokenEndpoint: '${kafka.issuer.tokenUrl}', clientId: alice, clientSecretFile: '${join(kafka.folder, 'kafka')}'`
      // Tokens begin with a head that is the same in all of them.
      const secrets = ['client-secret', kafka.issuer.token('alice', 60).slice(0, 40)]
      return { tls: shared(), sasl: `mechanism: oauthbearer, oauth: { ${from} }`, right: 'client-secret', secrets }
    },
  },
])('of $kind nothing is seen, while they are wrong and when they are right', async ({ access }) => {
  const { tls, sasl, right, secrets } = access()
  const all = tracesOf([...secrets, 'shoal-secret', 'redis-secret', 'wrong-word'])
  const wrong = () => ['kafka', 'registry', 'redis'].map((name) => put(name, 'wrong-word\n'))
  wrong()
  const file = (name: string) => `passwordFile: '${join(kafka.folder, name)}'`
  const stores = [
    `registry: { url: '${registry.server.address}', username: shoal, ${file('registry')}, tls: { ${shared()} } }`,
    `redis: { url: '${redis.address}', username: shoal, ${file('redis')}, tls: { ${shared()} } }`,
  ]
  const receiver = await startSpanReceiver()
  const brokers = `brokers: [${kafka.securedAddress}], tls: { enabled: true, ${tls} }, sasl: { ${sasl} }`
  const payments = await newPayments({ kafka: kafka.address, registry: '', redis: '' }, 'json', brokers, stores)
  try {
    const running = await payments.start(2, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    })
    await until(
      async () => (await running.metric('shoal_restarts_total', 'code="log.denied"')) >= 2,
      () => `a second attempt: ${running.said()}`,
      60_000,
    )
    const seen = [await answersOf(running, 2)]
    const refused = await attempt(['consume', 'assignments', '--config', payments.file])
    expect(refused.code).not.toBe(0)

    put('kafka', right)
    put('registry', 'shoal-secret')
    put('redis', 'redis-secret')
    await payments.send(goodJson(600, 1))
    await until(
      async () => /^ready: serving$/.test(await running.health()),
      () => `serving: ${running.said()}`,
      90_000,
    )
    await fetch(`${running.url}/v1/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'freeze', reason: 'to have it told' }),
    })
    await until(
      () => receiver.spans.length > 0,
      () => 'a span',
    )
    const checked = await attempt(['config', 'check', '--config', payments.file])
    const told = await attempt(['config', 'check', '--json', '--config', payments.file])
    const status = await attempt(['status', '--config', payments.file])
    const audit = await payments.read(payments.configuration.topics.audit)
    expect(audit.length).toBeGreaterThan(0)
    const processes = processesOf(running.pid)
    expect(processes).toHaveLength(3)
    seen.push(await answersOf(running, 2), ...processes, JSON.stringify(receiver.spans))
    seen.push(...audit.map(({ value }) => String(value)), JSON.stringify([refused, checked, told, status]))
    wrong()
    running.signal('SIGTERM')
    const { code, stdout, stderr } = await running.ended
    expect(code).toBe(0)
    seen.push(stdout, stderr)

    // Whoever looks would have seen something: names and places are there.
    const text = seen.join('\n')
    for (const known of ['alice', kafka.securedAddress, redis.address, registry.server.address])
      expect(text).toContain(known)
    expect(all.filter((trace) => text.includes(trace))).toEqual([])
  } finally {
    await payments.discard()
    await receiver.stop()
  }
})
