/** The console as it is served; what it does is tested in test/browser/. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { HttpServer } from '../../src/http/server.ts'
import { hashOfToken } from '../../src/runtime/configuration/token-list.ts'
import { listening } from './listening.ts'

const built = join(import.meta.dirname, '..', '..', 'dist-console')
const folder = mkdtempSync(join(tmpdir(), 'shoal-console-'))
const tokensPath = join(folder, 'tokens.yaml')
writeFileSync(
  tokensPath,
  `tokens:\n  - { name: anna, role: read, sha256: ${hashOfToken('her-token').toString('hex')} }\n`,
)

let server: HttpServer
afterEach(() => server.close())

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${server.url}${path}`, { headers })
const policyOf = (answer: Response) => answer.headers.get('content-security-policy') ?? ''
const assets = () => readdirSync(join(built, 'assets')).filter((name) => !/\.(br|gz)$/.test(name))

describe('with tokens', () => {
  test('/ answers a stranger with a page to sign in with, whose policy allows its own script and style alone', async () => {
    server = await listening({ access: { tokensPath, oidc: null } })
    const answer = await get('/')
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    const page = await answer.text()
    for (const element of ['script', 'style']) {
      const text = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page)?.[1] ?? ''
      const hash = createHash('sha256').update(text).digest('base64')
      expect(policyOf(answer)).toContain(`${element}-src 'sha256-${hash}'`)
    }
    expect(policyOf(answer)).toContain("default-src 'none'")
  })

  test('a session opens the page and its files, and without one no file is to be had', async () => {
    server = await listening({ access: { tokensPath, oidc: null } })
    const signedIn = await fetch(`${server.url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"token":"her-token"}',
    })
    const cookie = signedIn.headers.getSetCookie()[0].split(';')[0]
    expect((await get('/', { cookie })).status).toBe(200)
    const [asset] = assets()
    expect((await get(`/assets/${asset}`)).status).toBe(401)
    expect((await get(`/assets/${asset}`, { cookie })).status).toBe(200)
  })
})

test('the page may run no script and ask no host but its own, and is asked for anew each time', async () => {
  server = await listening()
  const answer = await get('/')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('cache-control')).toBe('no-cache')
  expect(policyOf(answer)).not.toMatch(/unsafe|https?:|data:|\*/)
  for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"]) {
    expect(policyOf(answer)).toContain(rule)
  }
  expect(await answer.text()).not.toMatch(/<script(?![^>]* src=)|<style|https?:/)
})

test('its files are kept by browsers for ever, and are sent compressed', async () => {
  server = await listening()
  for (const name of assets()) {
    const answer = await get(`/assets/${name}`, { 'accept-encoding': 'br' })
    expect(answer.headers.get('cache-control')).toContain('immutable')
    expect(answer.headers.get('content-encoding')).toBe('br')
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(readFileSync(join(built, 'assets', name)))
  }
})

test.each([
  '/assets/',
  '/assets/none.js',
  '/assets/..%2findex.html',
  '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
  '/.sources',
])('%s is none of them', async (path) => {
  server = await listening()
  expect((await get(path)).status).toBeGreaterThanOrEqual(400)
})

test('all of it is less than 150 kB compressed', () => {
  const files = [join(built, 'index.html'), ...assets().map((name) => join(built, 'assets', name))]
  const bytes = files.reduce((sum, file) => sum + readFileSync(`${file}.gz`).length, 0)
  expect(bytes).toBeGreaterThan(10_000)
  expect(bytes).toBeLessThan(150_000)
})

test('nothing in it names another host', () => {
  const namespaces = /http:\/\/www\.w3\.org\/[\w/]+/g
  for (const name of assets()) {
    const text = readFileSync(join(built, 'assets', name), 'utf8').replace(namespaces, '')
    expect(text.match(/(https?|wss?):\/\/[^"'`\s]{0,60}/g) ?? []).toEqual([])
  }
})

describe('a folder that was not built', () => {
  test('says how to', async () => {
    const { default: fastify } = await import('fastify')
    const { addConsoleRoutes } = await import('../../src/http/console/console-routes.ts')
    mkdirSync(join(folder, 'empty'))
    const app = fastify()
    await app.register(async (routes) => addConsoleRoutes(routes, join(folder, 'empty')))
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    server = { url, grpcPort: null, close: () => app.close() }
    expect(await (await get('/')).text()).toContain('npm run build:console')
    rmSync(folder, { recursive: true })
  })
})
