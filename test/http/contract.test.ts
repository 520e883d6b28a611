/** The API against its own document: every route, with what it takes and with wrong input of each kind. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { hashOfToken } from '../../src/runtime/configuration/token-list.ts'
import { roles } from '../../src/runtime/role.ts'
import { type Serving, serving } from './serving.ts'

interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly required?: readonly string[]
}
interface Operation {
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>
  >
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: object
}

const folder = mkdtempSync(join(tmpdir(), 'shoal-contract-'))
const tokensPath = join(folder, 'tokens.yaml')
const bearer = (role: string) => ({ authorization: `Bearer ${role}-token` })
const entries = roles.map(
  (role) => `- { name: ${role}, role: ${role}, sha256: ${hashOfToken(`${role}-token`).toString('hex')} }`,
)
writeFileSync(tokensPath, `tokens:\n${entries.map((entry) => `  ${entry}\n`).join('')}`)

/** What each route takes, so that it answers with 200. */
const bodies: Readonly<Record<string, string>> = {
  '/v1/score': '{"id":"a","x0":1,"x1":2,"x2":3}',
  '/v1/score/batch': '{"id":"a","x0":1,"x1":2,"x2":3}\n{"id":"b"}',
  '/v1/promotion': '{"reason":"the contract"}',
  '/v1/commands': '{"kind":"refit","reason":"the contract"}',
}

/** What each path's parameters are, so that it does: the first event that lies far from all. */
const parameters: Readonly<Record<string, string>> = { partition: '1', offset: '74' }

const world: Serving = await serving({ access: { tokensPath, oidc: null }, clock: systemClock })
await world.feed(2000)
const document = (await (
  await fetch(`${world.server.url}/v1/openapi.json`, { headers: bearer('read') })
).json()) as Document
afterAll(async () => {
  await world.stop()
  rmSync(folder, { recursive: true })
})

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation, name: `${method} ${path}` })),
)
const contentOf = ({ requestBody }: Operation) => Object.keys(requestBody?.content ?? {})[0]

function request(
  { path, method, operation }: (typeof operations)[number],
  { query = '', body = bodies[path], headers = {}, parameter } = {} as {
    query?: string
    body?: string
    headers?: Record<string, string>
    parameter?: string
  },
): Promise<Response> {
  const type = contentOf(operation)
  const url = `${world.server.url}${path.replace(/\{(\w+)\}/g, (_, name) => parameter ?? parameters[name] ?? '1')}${query}`
  const own = type === undefined ? {} : { 'content-type': type }
  const init = { method: method.toUpperCase(), headers: { ...own, ...bearer('operate'), ...headers } }
  return fetch(url, method === 'get' ? init : { ...init, body })
}

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
ajv.addSchema({ $id: 'api', ...document })

/** Holds an answer to what the document says of its status. */
async function expectDocumented(of: (typeof operations)[number], answer: Response): Promise<void> {
  const { responses } = of.operation
  const documented = responses[String(answer.status)] ?? responses[`${Math.floor(answer.status / 100)}XX`]
  expect(documented, `${of.name} answers ${answer.status}`).toBeDefined()
  const type = (answer.headers.get('content-type') ?? '').split(';')[0]
  expect(Object.keys(documented.content)).toContain(type)
  if (type === 'text/event-stream') return void (await answer.body?.cancel())
  const text = await answer.text()
  if (!/[/+]json$/.test(type)) return
  const { path, method } = of
  const [status] = Object.entries(responses).find(([, each]) => each === documented)!
  const at = [path, method, 'responses', status, 'content', type, 'schema']
  const escaped = at.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
  const validate = ajv.getSchema(`api#/paths/${escaped.join('/')}`)
  validate!(JSON.parse(text))
  expect(validate!.errors ?? [], text.slice(0, 500)).toEqual([])
}

test('the document is valid OpenAPI 3.1', async () => {
  expect(await new Validator().validate(document as never)).toMatchObject({ valid: true })
  expect(operations.length).toBeGreaterThanOrEqual(15)
})

describe.each(operations)('$name', (of) => {
  test('answers as it says', async () => {
    const answer = await request(of)
    // Nobody has a profile here: test/http/profiles.test.ts has some.
    expect(answer.status).toBe(of.path.startsWith('/v1/profiles/') ? 404 : 200)
    await expectDocumented(of, answer)
  })

  test('needs a token, of a role that includes it', async () => {
    const nobody = await request(of, { headers: { authorization: '' } })
    expect(nobody.status).toBe(401)
    await expectDocumented(of, nobody)
    const isPromotion = of.path === '/v1/promotion' && of.method === 'post'
    const isSteering = of.path === '/v1/audit' || of.path === '/v1/commands' || isPromotion
    const needed = isSteering ? 'operate' : of.method === 'get' ? 'read' : 'score'
    for (const role of roles) {
      const answer = await request(of, { headers: bearer(role), query: '?unknown=1', body: bodies[of.path] })
      const may = role === needed || role === 'operate'
      expect(`${role} ${answer.status === 403}`).toBe(`${role} ${!may}`)
      await answer.body?.cancel()
    }
  })

  const { parameters = [], requestBody } = of.operation
  test.each(parameters.flatMap((parameter) => wrongOf(parameter.schema).map((value) => ({ ...parameter, value }))))(
    '$in parameter $name of $value is refused',
    async ({ name, in: place, value }) => {
      const asked = place === 'path' ? { parameter: value } : { query: `?${name}=${encodeURIComponent(value)}` }
      const answer = await request(of, asked)
      // A path that is too long for any is 414.
      expect([400, 414]).toContain(answer.status)
      await expectDocumented(of, answer)
    },
  )

  const bodiesThatAreNone = [
    ['no JSON', '{"kind":', {}, [400, 422, 200]],
    ['a list', '[]', {}, [400, 422, 200]],
    ['nothing', '', {}, [400, 422, 200]],
    ['of another type', '<x/>', { 'content-type': 'application/xml' }, [415]],
    ['too large', `{"id":"${'x'.repeat(100_000)}"}`, {}, [413]],
  ] as const
  test.each(requestBody === undefined ? [] : bodiesThatAreNone)(
    'a body that is %s is refused',
    async (_, body, headers, statuses) => {
      const answer = await request(of, { body, headers })
      // A batch answers 200, and of its lines which are invalid.
      expect(statuses).toContain(answer.status)
      if (of.path !== '/v1/score/batch') expect(answer.status).not.toBe(200)
      await expectDocumented(of, answer)
    },
  )
})

/** Values that break each rule that a parameter states. */
function wrongOf({ type, enum: values, minimum, maximum }: Schema): string[] {
  if (values !== undefined) return ['none of them']
  const wrong = type === 'integer' || type === 'number' ? ['x', 'NaN', '1.5', '1e999'] : ['x'.repeat(2000)]
  if (minimum !== undefined) wrong.push(String(minimum - 1))
  if (maximum !== undefined) wrong.push(String(maximum + 1))
  return wrong
}

describe('10,000 requests of any kind', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('..', '%2e%2e', '%00', '%', '__proto__', 'NaN', '1e999', '-1', '9'.repeat(400), '{}', '[]', 'null'),
  )
  const known = fc.constantFrom(...operations)
  const anything = fc.record({
    of: known,
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'),
    isKnownPath: fc.boolean(),
    rest: text,
    query: fc.array(
      fc.tuple(fc.constantFrom('limit', 'before', 'sinceMs', 'kind', 'seconds', 'explain', 'key', 'x'), text),
      {
        maxLength: 4,
      },
    ),
    type: fc.constantFrom('application/json', 'application/x-ndjson', 'text/plain', 'application/json; charset=x', ''),
    body: fc.oneof(
      text,
      fc.json({ maxDepth: 5 }),
      fc
        .record({
          kind: fc.constantFrom('freeze ', 'budget', 'rollback', 'pin', 'nothing', 7),
          budget: fc.anything(),
          reason: fc.anything(),
        })
        .map((value) => JSON.stringify(value) ?? ''),
      fc.nat(200).map((depth) => `${'['.repeat(depth * 50)}`),
    ),
  })

  test('never answer with 5xx, and the process serves on', async () => {
    const samples = fc.sample(anything, { numRuns: 10_000, seed: 20 })
    const failures: string[] = []
    const counts = new Map<number, number>()
    let next = 0
    const worker = async () => {
      for (let sample = samples[next++]; sample !== undefined; sample = samples[next++]) {
        const { of, method, isKnownPath, rest, query, type, body } = sample
        if (of.path === '/v1/events') continue
        const path = isKnownPath ? of.path.replace(/\{\w+\}/g, encodeSafely(rest)) : `/v1/${encodeSafely(rest)}`
        const search = query.map(([name, value]) => `${name}=${encodeSafely(value)}`).join('&')
        const hasBody = method !== 'GET' && method !== 'HEAD'
        const answer = await fetch(`${world.server.url}${path}?${search}`, {
          method,
          headers: { ...bearer('operate'), ...(type === '' ? {} : { 'content-type': type }) },
          ...(hasBody ? { body } : {}),
        })
        await answer.arrayBuffer()
        counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1)
        if (answer.status >= 500) failures.push(`${answer.status} ${method} ${path}?${search} ${body.slice(0, 200)}`)
      }
    }
    await Promise.all(Array.from({ length: 32 }, worker))
    expect(failures).toEqual([])
    expect(counts.size).toBeGreaterThan(4)
    expect((await fetch(`${world.server.url}/v1/status`, { headers: bearer('read') })).status).toBe(200)
  }, 120_000)
})

function encodeSafely(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    return 'lone-surrogate'
  }
}
