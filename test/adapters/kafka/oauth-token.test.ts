/** Tokens by client credentials, of a small issuer over HTTP and HTTPS. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, afterEach, expect, test } from 'vitest'
import { tokensOf } from '../../../src/adapters/kafka/oauth-token.ts'
import type { TokenEndpoint } from '../../../src/runtime/configuration/configuration.ts'
import { Secret } from '../../../src/runtime/configuration/secret.ts'
import { newAuthority } from '../../stack/certificates.ts'
import { type Issuer, startIssuer } from '../../stack/issuer.ts'

const folder = mkdtempSync(join(tmpdir(), 'shoal-oauth-'))
const authority = newAuthority(folder, 'authority')
const stranger = newAuthority(folder, 'stranger')
const open: { close(): unknown }[] = []
let nowMs = 0
const clock = { now: () => nowMs }

afterEach(() => Promise.all(open.splice(0).map((one) => one.close())))
afterAll(() => rmSync(folder, { recursive: true }))

async function issuerOf(lifeSeconds: number, secured = false): Promise<Issuer> {
  const issuer = await startIssuer(lifeSeconds, secured ? authority.issue('issuer') : undefined)
  issuer.clients.set('shoal', 'client-secret')
  open.push(issuer)
  return issuer
}

function tokens(url: string, more: Partial<TokenEndpoint> = {}) {
  const clientSecret = new Secret('client-secret')
  return tokensOf({ from: 'endpoint', url, clientId: 'shoal', clientSecret, scope: null, ca: null, ...more }, clock)
}

test('a token serves everyone who asks for four fifths of its life, and then the next does', async () => {
  const issuer = await issuerOf(100)
  const source = tokens(issuer.tokenUrl)
  const first = await Promise.all([source.token(), source.token(), source.token()])
  nowMs += 79_000
  expect(new Set([...first, await source.token()]).size).toBe(1)
  nowMs += 2_000
  expect(await source.token()).not.toBe(first[0])
  expect(issuer.given()).toBe(2)
})

test('a token that a broker does not take is not used again', async () => {
  const issuer = await issuerOf(100)
  const source = tokens(issuer.tokenUrl)
  const first = await source.token()
  source.refused?.()
  expect(await source.token()).not.toBe(first)
})

test('a secret that is replaced is used by the next request', async () => {
  const issuer = await issuerOf(0)
  let secret = 'wrong-secret'
  const source = tokens(issuer.tokenUrl, { clientSecret: new Secret(() => secret) })
  await expect(source.token()).rejects.toMatchObject({ code: 'log.denied' })
  secret = 'client-secret'
  expect(await source.token()).toMatch(/^ey/)
})

test('a client that is refused is told by which endpoint, and neither secret nor answer is in it', async () => {
  const { tokenUrl } = await issuerOf(100)
  const failure = await tokens(tokenUrl, { clientSecret: new Secret('wrong-secret') })
    .token()
    .catch((error: Error) => error)
  expect(failure).toMatchObject({
    code: 'log.denied',
    message: `the token endpoint ${tokenUrl} gives client "shoal" no token, 401 invalid_client: check kafka.sasl.oauth: clientId, clientSecretFile and scope`,
  })
  expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('wrong-secret')
})

test('an issuer behind TLS is asked by the authority that is named, and by no other', async () => {
  const { tokenUrl } = await issuerOf(100, true)
  expect(await tokens(tokenUrl, { ca: () => authority.ca }).token()).toMatch(/^ey/)
  const untrusted = 'gives no token: its certificate is of an authority that is not trusted: '
  await expect(tokens(tokenUrl, { ca: () => stranger.ca }).token()).rejects.toThrow(
    `${untrusted}that is not the one in kafka.sasl.oauth.caFile`,
  )
  await expect(tokens(tokenUrl).token()).rejects.toThrow(
    `${untrusted}name that authority's certificate in kafka.sasl.oauth.caFile`,
  )
})

test.each([
  [503, '', 'log.unavailable', 'gives no token: it answers 503'],
  [200, 'not JSON', 'log.denied', 'answers 200 without an access_token: check kafka.sasl.oauth.tokenEndpoint'],
  [200, '{"access_token":7}', 'log.denied', 'answers 200 without an access_token'],
  [400, '{"error":"<b>secret</b>"}', 'log.denied', 'gives client "shoal" no token, 400: check'],
])('%i with %j is %s', async (status, body, code, words) => {
  const server = createServer((_, response) => response.writeHead(status).end(body))
  open.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  const failure = await tokens(url)
    .token()
    .catch((error: Error) => error)
  expect(failure).toMatchObject({ code, message: expect.stringContaining(words) })
  expect(String(failure)).not.toContain('secret<')
})

test('an issuer that is not there is waited for', async () => {
  const issuer = await issuerOf(100)
  await issuer.close()
  open.pop()
  await expect(tokens(issuer.tokenUrl).token()).rejects.toMatchObject({ code: 'log.unavailable', retriable: true })
})
