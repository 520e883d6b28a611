/** How the registry's client bears a registry that is slow, broken, rude or gone; the real one is in test/contract. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { confluentRegistry } from '../../../src/adapters/registry/confluent-registry.ts'
import type { RegistryEndpoint } from '../../../src/adapters/registry/registry-client.ts'
import { Secret } from '../../../src/runtime/configuration/secret.ts'
import type { SchemaRegistry } from '../../../src/runtime/ports.ts'

const unavailable = { code: 'registry.unavailable', retriable: true }
const refused = { code: 'registry.refused', retriable: false }
const text = '{"type":"record","name":"T","fields":[]}'

let server: Server
let url: string
let answer: (request: IncomingMessage, response: ServerResponse) => void
let requests: { method: string; path: string; authorization: string | undefined }[]
let nowMs: number
const open: SchemaRegistry[] = []

beforeEach(async () => {
  requests = []
  nowMs = 0
  server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request
    requests.push({ method, path, authorization: headers.authorization })
    answer(request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  for (const registry of open.splice(0)) await registry.close()
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

function registryAt(more: Partial<RegistryEndpoint> = {}): SchemaRegistry {
  const registry = confluentRegistry({
    url,
    auth: { kind: 'none' },
    tls: null,
    timeoutMs: 10_000,
    clock: { now: () => nowMs },
    ...more,
  })
  open.push(registry)
  return registry
}
const say = (status: number, body: unknown) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
const pathOf = (request: IncomingMessage) => request.url?.split('?')[0]

describe('deadlines', () => {
  test('a registry that never answers fails a request by its deadline', async () => {
    answer = () => {}
    const registry = registryAt({ timeoutMs: 200 })
    await expect(registry.lookup(1)).rejects.toMatchObject(unavailable)
    await expect(registry.register('s', text)).rejects.toMatchObject(unavailable)
  })

  test('a registry that answers a byte now and then fails a request by its deadline', async () => {
    const drips: NodeJS.Timeout[] = []
    answer = (_, response) => {
      response.writeHead(200)
      drips.push(setInterval(() => response.write(' '), 20))
    }
    await expect(registryAt({ timeoutMs: 300 }).lookup(1)).rejects.toMatchObject(unavailable)
    for (const drip of drips) clearInterval(drip)
  })

  test('a request that is stuck does not hold up another', async () => {
    answer = (request, response) => {
      if (pathOf(request) !== '/schemas/ids/1') say(200, { schema: text })(request, response)
    }
    const registry = registryAt({ timeoutMs: 2_000 })
    const stuck = expect(registry.lookup(1)).rejects.toMatchObject(unavailable)
    expect(await registry.lookup(2)).toMatchObject({ text })
    await stuck
  })

  test('an answer that is too large for a schema is refused', async () => {
    answer = (_, response) => response.end('x'.repeat(17 << 20))
    await expect(registryAt().lookup(1)).rejects.toMatchObject(unavailable)
  })
})

describe('what an answer means', () => {
  test.each([408, 429, 500, 502, 503, 504])('%i is unavailable: later it may go well', async (status) => {
    answer = say(status, { error_code: status, message: 'not now' })
    await expect(registryAt().lookup(1)).rejects.toMatchObject(unavailable)
    await expect(registryAt().register('s', text)).rejects.toMatchObject(unavailable)
  })

  test.each([400, 401, 403, 409, 422])("%i is refused, in the registry's own words", async (status) => {
    answer = say(status, { error_code: status, message: 'because of the moon' })
    const inItsWords = { ...refused, message: expect.stringContaining('because of the moon') }
    await expect(registryAt().lookup(1)).rejects.toMatchObject(inItsWords)
    await expect(registryAt().register('s', text)).rejects.toMatchObject(inItsWords)
  })

  test('a proxy that fails in HTML is unavailable', async () => {
    answer = say(502, '<html>Bad gateway</html>')
    await expect(registryAt().lookup(1)).rejects.toMatchObject(unavailable)
  })

  test('a proxy that answers in the place of the registry is unavailable, not a schema', async () => {
    answer = say(200, '<html>Please log in</html>')
    await expect(registryAt().lookup(1)).rejects.toMatchObject(unavailable)
    await expect(registryAt().register('s', text)).rejects.toMatchObject(unavailable)
  })

  test('a registry that is not there is unavailable', async () => {
    await expect(registryAt({ url: 'http://127.0.0.1:1' }).lookup(1)).rejects.toMatchObject(unavailable)
  })
})

describe('what is remembered', () => {
  test('a schema is asked for once, however many ask at whatever time', async () => {
    answer = say(200, { schema: text })
    const registry = registryAt()
    await Promise.all([registry.lookup(1), registry.lookup(1), registry.lookup(1)])
    nowMs = 1e12
    await registry.lookup(1)
    expect(requests).toHaveLength(1)
  })

  test('an unknown id is asked for again after a minute, and not before', async () => {
    answer = say(404, { error_code: 40403, message: 'Schema not found' })
    const registry = registryAt()
    expect(await registry.lookup(1)).toBeNull()
    nowMs = 59_999
    expect(await registry.lookup(1)).toBeNull()
    expect(requests).toHaveLength(1)
    nowMs = 60_000
    answer = say(200, { schema: text })
    expect(await registry.lookup(1)).toMatchObject({ text })
  })

  test('a failure is not remembered', async () => {
    answer = say(503, {})
    const registry = registryAt()
    await expect(registry.lookup(1)).rejects.toMatchObject(unavailable)
    answer = say(200, { schema: text })
    expect(await registry.lookup(1)).toMatchObject({ text })
  })

  test('a registration is asked for every time, because a registry may have lost its data', async () => {
    answer = say(200, { compatibilityLevel: 'FULL', id: 7 })
    const registry = registryAt()
    expect(await registry.register('s', text)).toBe(7)
    answer = say(200, { compatibilityLevel: 'FULL', id: 8 })
    expect(await registry.register('s', text)).toBe(8)
  })
})

describe('compatibility', () => {
  const noLevel = { error_code: 40408, message: 'Subject does not have a compatibility level of its own' }
  const methods = () => requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`)

  test('a subject without a level gets BACKWARD before its first schema', async () => {
    answer = (request, response) =>
      request.method === 'GET' ? say(404, noLevel)(request, response) : say(200, { id: 1 })(request, response)
    await registryAt().register('a/b', text)
    expect(methods()).toEqual(['GET /config/a%2Fb', 'PUT /config/a%2Fb', 'POST /subjects/a%2Fb/versions'])
  })

  test('a level that a subject has is left alone', async () => {
    answer = say(200, { compatibilityLevel: 'NONE', id: 1 })
    await registryAt().register('s', text)
    expect(methods()).toEqual(['GET /config/s', 'POST /subjects/s/versions'])
  })
})

describe('credentials', () => {
  test('basic and bearer are sent', async () => {
    answer = say(200, { schema: text })
    await registryAt({ auth: { kind: 'basic', username: 'ann', password: new Secret('pä:ss') } }).lookup(1)
    await registryAt({ auth: { kind: 'bearer', token: new Secret('token-1') } }).lookup(1)
    const basic = `Basic ${Buffer.from('ann:pä:ss').toString('base64')}`
    expect(requests.map(({ authorization }) => authorization)).toEqual([basic, 'Bearer token-1'])
  })

  test.each([401, 500])('no error carries them (%i)', async (status) => {
    answer = say(status, {})
    const auth = { kind: 'bearer', token: new Secret('very-secret') } as const
    const error = await registryAt({ auth })
      .lookup(1)
      .catch((failure: unknown) => failure)
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('very-secret')
  })
})

describe('references', () => {
  const schemas: Record<string, unknown> = {
    '/schemas/ids/1': { schema: 'top', references: [refer('left'), refer('right'), refer('lost')] },
    '/subjects/left/versions/1': { schema: 'left', references: [refer('base')] },
    '/subjects/right/versions/1': { schema: 'right', references: [refer('base'), refer('left')] },
    '/subjects/base/versions/1': { schema: 'base', references: [refer('base')] },
  }
  function refer(name: string) {
    return { name, subject: name, version: 1 }
  }

  test('come each once, before those that need them; one that is lost is left out', async () => {
    answer = (request, response) => {
      const schema = schemas[pathOf(request) ?? '']
      const lost = { error_code: 40401, message: 'Subject not found' }
      say(schema === undefined ? 404 : 200, schema ?? lost)(request, response)
    }
    const found = await registryAt().lookup(1)
    expect(found?.references.map(({ name }) => name)).toEqual(['base', 'left', 'right'])
    expect(found?.references.map((reference) => reference.text)).toEqual(['base', 'left', 'right'])
  })
})
