/** What comes in the registry's place, or broken: never a schema, never a reason to give up an event, never more than a bound. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { confluentRegistry } from '../../../src/adapters/registry/confluent-registry.ts'
import { Secret } from '../../../src/runtime/configuration/secret.ts'
import type { SchemaRegistry } from '../../../src/runtime/ports.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const unavailable = { code: 'registry.unavailable', retriable: true }
const text = '{"type":"record","name":"T","fields":[]}'
const open: { close(): unknown }[] = []
const isFirst = ({ url }: IncomingMessage) => url?.startsWith('/schemas/ids/')

let answer: Answer
let registry: SchemaRegistry
let nowMs: number

beforeEach(async () => {
  nowMs = 0
  const url = await listen((request, response) => answer(request, response))
  registry = confluentRegistry({
    url,
    auth: { kind: 'bearer', token: new Secret('for the registry alone') },
    tls: null,
    timeoutMs: 10_000,
    clock: { now: () => nowMs },
  })
  open.push(registry)
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function listen(by: Answer): Promise<string> {
  const server = createServer(by)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  open.push({
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const say =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
const referring = (references: string): Answer => say(200, `{"schema":"x","references":${references}}`)

const zeros = gzipSync(Buffer.alloc(256 << 20))

const answers: readonly [string, Answer][] = [
  ['a proxy that finds nothing', say(404, '<html>default backend - 404</html>', { 'content-type': 'text/html' })],
  ['a path that does not exist', say(404, '{"error_code":404,"message":"HTTP 404 Not Found"}')],
  ['404 without a word', say(404, '')],
  ['null', say(200, 'null')],
  ['nothing', say(200, '')],
  ['204', say(204, '')],
  ['a number', say(200, '7')],
  ['an array nested a million deep', say(200, deep(1_000_000))],
  ['a schema that is an array nested a million deep', say(200, `{"schema":${deep(1_000_000)}}`)],
  ['a schema that is an object', say(200, '{"schema":{"type":"string"}}')],
  ['references that are no list', referring('7')],
  ['a reference that is null', referring('[null]')],
  ['a reference without a subject', referring('[{"name":"a","version":1}]')],
  ['a reference whose version is a text', referring('[{"name":"a","subject":"b","version":"latest"}]')],
  [
    'a referred schema that is an object',
    (request, response) => {
      const first = referring('[{"name":"a","subject":"b","version":1}]')
      ;(isFirst(request) ? first : say(200, '{"schema":{}}'))(request, response)
    },
  ],
  ['what unpacks to a thousand times its size', say(200, zeros, { 'content-encoding': 'gzip' })],
  ['what is not gzip though it says so', say(200, '{"schema":"x"}', { 'content-encoding': 'gzip' })],
  ['redirects in a circle', say(302, '', { location: '/elsewhere' })],
  ['a redirect to nobody', say(301, '', { location: 'http://127.0.0.1:1/login' })],
  ['a redirect to a file', say(302, '', { location: 'file:///etc/hostname' })],
  ['a connection that is reset', ({ socket }) => void socket.resetAndDestroy()],
  ['a body that is reset', cutShort((socket) => socket.resetAndDestroy())],
  ['a body that ends too soon', cutShort((socket) => socket.end())],
  ['headers beyond any measure', (_, response) => void response.writeHead(200, { x: 'y'.repeat(100_000) }).end('{}')],
  ['what is not HTTP', ({ socket }) => void socket.end('+PONG\r\n')],
]

function cutShort(end: (socket: IncomingMessage['socket']) => void): Answer {
  return ({ socket }, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"schema":"', () => end(socket))
  }
}

describe('in the place of a schema', () => {
  test.each(answers)('%s is unavailable: the event waits, and is read when the schema is there', async (_, wrong) => {
    answer = wrong
    await expect(registry.lookup(1)).rejects.toMatchObject(unavailable)
    answer = say(200, JSON.stringify({ schema: text }))
    expect(await registry.lookup(1)).toMatchObject({ text })
  })

  test('an answer that is too large takes no more memory than its bound', async () => {
    answer = say(200, zeros, { 'content-encoding': 'gzip' })
    const before = process.memoryUsage().rss
    await expect(registry.lookup(1)).rejects.toMatchObject(unavailable)
    expect(process.memoryUsage().rss - before).toBeLessThan(128 << 20)
  })
})

describe('in the place of a registration', () => {
  test.each(answers)('%s is unavailable', async (_, wrong) => {
    answer = wrong
    await expect(registry.register('s', text)).rejects.toMatchObject(unavailable)
  })
})

test('a redirect is followed, without the credentials when it leads to another host', async () => {
  const carried: (string | undefined)[] = []
  const elsewhere = await listen((request, response) => {
    carried.push(request.headers.authorization)
    say(200, JSON.stringify({ schema: text }))(request, response)
  })
  answer = say(307, '', { location: `${elsewhere.replace('127.0.0.1', 'localhost')}/schemas/ids/1` })
  expect(await registry.lookup(1)).toMatchObject({ text })
  expect(carried).toEqual([undefined])
})

test('an id that is unknown for now is known a minute later, whatever was done to the machine’s clock meanwhile', async () => {
  answer = say(404, '{"error_code":40403,"message":"Schema 1 not found"}')
  expect(await registry.lookup(1)).toBeNull()
  answer = say(200, JSON.stringify({ schema: text }))
  expect(await registry.lookup(1)).toBeNull()
  nowMs += 60_000
  expect(await registry.lookup(1)).toMatchObject({ text })
})

test('an id that the registry did not know is taken for unknown for ten minutes while it cannot be asked, and no longer', async () => {
  answer = say(404, '{"error_code":40403,"message":"Schema 1 not found"}')
  expect(await registry.lookup(1)).toBeNull()
  let asked = 0
  answer = (request, response) => {
    asked++
    say(503, '{}')(request, response)
  }
  for (const atMs of [60_000, 60_001, 119_999, 600_000]) {
    nowMs = atMs
    expect(await registry.lookup(1)).toBeNull()
  }
  expect(asked).toBe(2)
  nowMs = 600_001
  await expect(registry.lookup(1)).rejects.toMatchObject(unavailable)
  await expect(registry.lookup(2)).rejects.toMatchObject(unavailable)
  answer = say(200, JSON.stringify({ schema: text }))
  expect(await registry.lookup(1)).toMatchObject({ text })
})
