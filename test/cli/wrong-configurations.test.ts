/** Configurations that `shoal run` refuses before it connects to anything. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { freePort } from '../../tools/stack/server.ts'
import { reference } from '../runtime/configuration/loading.ts'
import { attempt, startShoal } from '../stack/shoal-process.ts'

/** Stands where Kafka, the registry and Redis are looked for, and counts who comes. */
let visitors = 0
let server: Server
let port = 0
const folder = mkdtempSync(join(tmpdir(), 'shoal-wrong-'))

beforeAll(async () => {
  server = createServer((socket) => {
    visitors++
    socket.destroy()
  })
  port = await freePort()
  await once(server.listen(port, '127.0.0.1'), 'listening')
  writeFileSync(join(folder, 'number.avsc'), '"long"')
})

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

/** From the environment, so that the file is free to be wrong anywhere else. */
const addresses = () => ({
  SHOAL_KAFKA_BROKERS: `127.0.0.1:${port}`,
  SHOAL_REGISTRY_URL: `http://127.0.0.1:${port}`,
  SHOAL_REDIS_URL: `redis://127.0.0.1:${port}`,
  SHOAL_HTTP_PORT: 'null',
})

function run(yaml: string, environment: Readonly<Record<string, string>> = {}) {
  const path = join(folder, `${randomUUID()}.yaml`)
  writeFileSync(path, yaml)
  return attempt(['run', '--config', path], { ...addresses(), ...environment })
}

describe('shoal run refuses, in one line of key, rule and value, with exit code 2', () => {
  test.concurrent.each([
    ['too few clusters', 'clusters: { k: 1 }', 'clusters.k must be at least 2: got 1'],
    [
      'what is no number',
      'clusters: { halfLifeEvents: .nan }',
      'clusters.halfLifeEvents must be a finite number: got NaN',
    ],
    ['a budget beyond its bound', 'anomalies: { budget: 0.6 }', 'anomalies.budget must be at most 0.5: got 0.6'],
    [
      'a word that is none of the choice',
      'input: { format: xml }',
      'input.format must be one of avro, json: got "xml"',
    ],
    ['a misspelt key', 'kafka: { clientID: a }', 'kafka.clientID is not a key (did you mean kafka.clientId?): got "a"'],
    [
      'a feature twice',
      'features: [{ field: a }, { field: a }]',
      'features[1].name must be unique (its default is the field): got "a"',
    ],
    [
      'a topic of two uses',
      'input: { topic: shoal.models }',
      'topics.models must differ from input.topic: got "shoal.models"',
    ],
    [
      'a transaction smaller than an event',
      'input: { maxEventBytes: 16777216 }',
      'worker.maxBytesPerTransaction must be at least input.maxEventBytes, 16777216: got 8388608',
    ],
    [
      'heartbeats too slow for the session',
      'kafka: { heartbeatIntervalMs: 4000 }',
      'kafka.heartbeatIntervalMs must be at most a third of kafka.sessionTimeoutMs, 10000: got 4000',
    ],
    [
      'a user without a password',
      'kafka: { sasl: { mechanism: plain, username: u } }',
      'kafka.sasl must have exactly one of password, passwordFile when kafka.sasl.mechanism is plain: got none',
    ],
    [
      'certificates without TLS',
      'kafka: { tls: { caFile: ca.pem } }',
      'kafka.tls.enabled must be true when kafka.tls.caFile is set: got false',
    ],
    [
      'a file that is not there',
      'kafka: { tls: { enabled: true, caFile: ca.pem } }',
      'kafka.tls.caFile must name a file that can be read: got "ca.pem" (ENOENT)',
    ],
    [
      'a schema that is no record',
      'input: { schemaFile: number.avsc }',
      'input.schemaFile must name an Avro schema of a record, in JSON: got "number.avsc"',
    ],
    [
      'two kinds of Redis',
      'redis: { cluster: { nodes: ["h:1"] } }',
      'redis must have exactly one of url, sentinel, cluster: got url and cluster',
    ],
  ])('%s', async (_, yaml, line) => {
    expect(await run(yaml)).toEqual({ code: 2, stdout: '', stderr: `${line}\n` })
  })

  test.concurrent.each([
    [
      'a broker without a port',
      { SHOAL_KAFKA_BROKERS: 'b1' },
      'kafka.brokers[0] must be host:port, the port 1 to 65535: got "b1" (from SHOAL_KAFKA_BROKERS)',
    ],
    [
      'a word where a number belongs',
      { SHOAL_CLUSTERS_K: 'many' },
      'clusters.k must be a whole number from 2 to 1024, or auto: got "many" (from SHOAL_CLUSTERS_K)',
    ],
    [
      'a misspelt variable',
      { SHOAL_KAFKA_BROKER: 'b1:9092' },
      'SHOAL_KAFKA_BROKER is not the variable of a key (did you mean SHOAL_KAFKA_BROKERS?): got "b1:9092"',
    ],
  ])('in the environment: %s', async (_, environment, line) => {
    expect(await run('', environment)).toEqual({ code: 2, stdout: '', stderr: `${line}\n` })
  })

  test('a variable that is not set', async () => {
    const line = `name needs the environment variable NOWHERE, which is not set: got ${reference('NOWHERE')}`
    expect(await run(`name: ${reference('NOWHERE')}`)).toEqual({ code: 2, stdout: '', stderr: `${line}\n` })
  })

  test('what is no YAML', async () => {
    const { code, stderr } = await run('clusters: { k: 2')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^".+\.yaml" must be YAML: got wrong indentation at line 1, column 17\n$/)
  })

  test('a port that is taken', async () => {
    const { code, stderr } = await run('', { SHOAL_HTTP_PORT: String(port) })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^http\.host and http\.port must be free to listen on: .*EADDRINUSE.*\n$/)
    expect(stderr).toContain(`127.0.0.1:${port}\n`)
  })
})

test('no connection was made', () => {
  expect(visitors).toBe(0)
})

test('the same addresses are connected to by a configuration that breaks no rule', async () => {
  const path = join(folder, 'right.yaml')
  const at = `127.0.0.1:${port}`
  writeFileSync(
    path,
    `kafka: { brokers: ['${at}'] }\nregistry: { url: 'http://${at}' }\nredis: { url: 'redis://${at}' }\n`,
  )
  const running = await startShoal('right', path)
  onTestFinished(() => running.signal('SIGKILL'))
  await vi.waitUntil(() => visitors > 0, { timeout: 20_000, interval: 20 })
})
