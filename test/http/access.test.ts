import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Refusal } from '../../src/http/access/guard.ts'
import type { HttpServer } from '../../src/http/server.ts'
import { hashOfToken } from '../../src/runtime/configuration/token-list.ts'
import { listening } from './listening.ts'

const folder = mkdtempSync(join(tmpdir(), 'shoal-access-'))
const tokensPath = join(folder, 'tokens.yaml')
afterAll(() => rmSync(folder, { recursive: true }))

const token = (name: string) => `token-of-${name}`
const bearer = (name: string) => ({ authorization: `Bearer ${token(name)}` })
const entry = (name: string, role: string) =>
  `  - { name: ${name}, role: ${role}, sha256: ${hashOfToken(token(name)).toString('hex')} }\n`
const write = (...entries: string[]) => writeFileSync(tokensPath, `tokens:\n${entries.join('')}`)

let now: number
const clock = { now: () => now, date: () => now, sleep: async () => undefined, yield: async () => undefined }
let refusals: Refusal[]
let server: HttpServer

beforeEach(() => {
  now = 0
  refusals = []
  write(entry('reader', 'read'), entry('scorer', 'score'), entry('operator', 'operate'))
})
afterEach(() => server.close())

const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, { method, headers })

describe('with a file of tokens', () => {
  beforeEach(async () => {
    server = await listening({
      access: { tokensPath, oidc: null },
      onRefused: (refusal) => refusals.push(refusal),
      clock,
    })
  })

  test.each([
    ['GET', '/health/live', 200],
    ['GET', '/health/ready', 200],
    ['GET', '/metrics', 401],
    ['GET', '/assets/x.js', 401],
    ['GET', '/v1/openapi.json', 401],
    ['GET', '/v1/nothing', 401],
    ['POST', '/v1/score', 401],
    ['POST', '/v1/score/batch', 401],
  ])('without a token %s %s answers %d', async (method, path, status) => {
    const answer = await ask(method, path)
    expect(answer.status).toBe(status)
    if (status === 401) {
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
      expect(await answer.json()).toMatchObject({ code: 'access.unknown', status: 401 })
    }
  })

  test.each([
    ['Bearer nobody'],
    [`Bearer ${token('reader')}x`],
    [`Basic ${token('reader')}`],
    [`Bearer ${hashOfToken(token('reader')).toString('hex')}`],
    [`Bearer ${'x'.repeat(9000)}`],
    ['Bearer'],
  ])('authorization %s is nobody', async (authorization) => {
    expect((await ask('GET', '/metrics', { authorization })).status).toBe(401)
  })

  test.each([
    ['reader', 'GET', '/metrics', 200],
    ['reader', 'POST', '/v1/score', 403],
    ['scorer', 'GET', '/metrics', 403],
    ['scorer', 'POST', '/v1/score', 503],
    ['operator', 'GET', '/metrics', 200],
    ['operator', 'POST', '/v1/score', 503],
    ['reader', 'GET', '/v1/nothing', 404],
  ])('as %s %s %s answers %d', async (name, method, path, status) => {
    expect((await ask(method, path, bearer(name))).status).toBe(status)
  })

  test('who was refused what is told', async () => {
    await ask('POST', '/v1/score', bearer('reader'))
    await ask('GET', '/metrics')
    expect(refusals).toMatchObject([
      { client: 'reader', method: 'POST', route: '/v1/score', needed: 'score', address: '127.0.0.1' },
      { client: null, method: 'GET', route: '/metrics', needed: 'read' },
    ])
  })

  test('a file that changes is read again; one that breaks a rule changes nothing', async () => {
    expect((await ask('GET', '/metrics', bearer('reader'))).status).toBe(200)
    write(entry('another', 'read'))
    now += 1000
    expect((await ask('GET', '/metrics', bearer('reader'))).status).toBe(401)
    expect((await ask('GET', '/metrics', bearer('another'))).status).toBe(200)
    writeFileSync(tokensPath, 'tokens: [{ name: x }]')
    now += 1000
    expect((await ask('GET', '/metrics', bearer('another'))).status).toBe(200)
    rmSync(tokensPath)
    now += 1000
    expect((await ask('GET', '/metrics', bearer('another'))).status).toBe(200)
  })

  test('signing in gives a cookie that does for the token, and signing out takes it away', async () => {
    const sign = (body: object) =>
      fetch(`${server.url}/v1/session`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      })
    expect((await sign({ token: 'nobody' })).status).toBe(401)
    const answer = await sign({ token: token('reader') })
    expect(answer.status).toBe(204)
    const [cookie, ...attributes] = (answer.headers.get('set-cookie') ?? '').split('; ')
    expect(attributes).toEqual(['Path=/', 'HttpOnly', 'SameSite=Strict'])
    expect((await ask('GET', '/metrics', { cookie })).status).toBe(200)
    expect((await ask('GET', '/metrics', { cookie: `${cookie}x` })).status).toBe(401)
    const out = await ask('DELETE', '/v1/session')
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
  })

  test('a stranger who goes on knocking is told to wait, and probes are not', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 310; i++) statuses.push((await ask('GET', '/metrics')).status)
    expect(statuses.slice(0, 300).every((status) => status === 401)).toBe(true)
    expect(statuses.at(-1)).toBe(429)
    const answer = await ask('GET', '/metrics')
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await answer.json()).toMatchObject({ code: 'request.too_many' })
    expect((await ask('GET', '/health/live')).status).toBe(200)
    expect((await ask('GET', '/metrics', bearer('reader'))).status).toBe(200)
  })
})

test('each client has requests of its own', async () => {
  server = await listening({ access: { tokensPath, oidc: null }, requestsPerMinute: 3, clock })
  for (let i = 0; i < 3; i++) expect((await ask('GET', '/metrics', bearer('reader'))).status).toBe(200)
  expect((await ask('GET', '/metrics', bearer('reader'))).status).toBe(429)
  expect((await ask('GET', '/metrics', bearer('operator'))).status).toBe(200)
})

describe('with nothing that asks for a token', () => {
  beforeEach(async () => {
    server = await listening()
  })

  const askedAs = (host: string) =>
    new Promise<number>((resolve, reject) => {
      request(`${server.url}/metrics`, { headers: { host } }, (answer) => resolve(answer.resume().statusCode ?? 0))
        .on('error', reject)
        .end()
    })

  test.each([
    ['127.0.0.1:9404', 200],
    ['localhost', 200],
    ['[::1]:9404', 200],
    ['attacker.example', 403],
    ['127.0.0.1.attacker.example:9404', 403],
  ])('a request to %s answers %d: a page of another site cannot have its own name point here', async (host, status) => {
    expect(await askedAs(host)).toBe(status)
  })
})

describe('with an issuer', () => {
  let issuer: string
  let keys: Server
  let key: CryptoKey
  let foreign: CryptoKey

  beforeAll(async () => {
    const pair = await generateKeyPair('ES256')
    key = pair.privateKey
    foreign = (await generateKeyPair('ES256')).privateKey
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }
    keys = createServer((asked, answer) => {
      const isDiscovery = asked.url === '/.well-known/openid-configuration'
      answer.setHeader('content-type', 'application/json')
      answer.end(JSON.stringify(isDiscovery ? { issuer, jwks_uri: `${issuer}/keys` } : { keys: [jwk] }))
    })
    await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve))
    issuer = `http://127.0.0.1:${(keys.address() as AddressInfo).port}`
  })
  afterAll(() => keys.close())
  beforeEach(async () => {
    server = await listening({
      access: { tokensPath: null, oidc: { issuer, audience: 'shoal', jwksUrl: null, claim: 'scope' } },
    })
  })

  const signed = (claims: JWTPayload, by = key) =>
    new SignJWT({ iss: issuer, aud: 'shoal', sub: 'anna', exp: Math.floor(Date.now() / 1000) + 600, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(by)
  const statusOf = async (jwt: string) => (await ask('GET', '/metrics', { authorization: `Bearer ${jwt}` })).status

  test('its tokens are taken by the role that they name', async () => {
    expect(await statusOf(await signed({ scope: 'openid shoal.read' }))).toBe(200)
    expect(await statusOf(await signed({ scope: ['shoal.operate'] as never }))).toBe(200)
    expect(await statusOf(await signed({ scope: 'shoal.score' }))).toBe(403)
  })

  test('no other is', async () => {
    const past = Math.floor(Date.now() / 1000) - 3600
    for (const jwt of [
      await signed({ scope: 'openid' }),
      await signed({ scope: 'shoal.read' }, foreign),
      await signed({ scope: 'shoal.read', aud: 'another' }),
      await signed({ scope: 'shoal.read', iss: 'https://another' }),
      await signed({ scope: 'shoal.read', exp: past }),
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"scope":"shoal.read"}').toString('base64url')}.`,
      'no.jwt.atall',
    ]) {
      expect(await statusOf(jwt)).toBe(401)
    }
  })

  test('while its keys cannot be had, the answer is 503 and not that the token is wrong', async () => {
    await server.close()
    const gone = { issuer: 'http://127.0.0.1:9', audience: 'shoal', jwksUrl: null, claim: 'scope' }
    server = await listening({ access: { tokensPath: null, oidc: gone } })
    expect(await statusOf(await signed({ scope: 'shoal.read' }))).toBe(503)
  })
})
