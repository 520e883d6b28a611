/** What can come in the place of a registry's answers, and how the health of who needs one names it. */
import type { RegistryFault } from './faulty-registry.ts'

export interface NamedRegistryFault {
  readonly name: string
  readonly says: RegExp
  readonly fault: RegistryFault
}

const starting = (why: string) => new RegExp(`^not ready: starting: registry: .*(${why})`)
const refusing = (status: number): NamedRegistryFault => ({
  name: `registry answers ${status}`,
  says: starting(String(status)),
  fault: (_, response) => {
    const body = JSON.stringify({ error_code: status, message: 'by the test' })
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  },
})
const saying = (name: string, why: string, status: number, body: string, headers = {}): NamedRegistryFault => ({
  name: `registry ${name}`,
  says: starting(why),
  fault: (_, response) => void response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body),
})
const tooLarge = 17 << 20

/** Those that the short form has come first. */
export const registryFaults: readonly NamedRegistryFault[] = [
  saying('is a proxy that finds nothing', '404', 404, '<html>default backend - 404</html>'),
  { name: 'registry never answers', says: starting('no answer'), fault: () => {} },
  {
    name: 'registry resets its connections',
    says: starting('ECONNRESET|hang up'),
    fault: ({ socket }) => void socket.resetAndDestroy(),
  },
  {
    name: 'registry drips its answer',
    says: starting('no answer'),
    fault: (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const drip = setInterval(() => response.write(' '), 100)
      response.on('close', () => clearInterval(drip))
    },
  },
  {
    name: 'registry cuts its answer short',
    says: starting('aborted|ECONNRESET|hang up'),
    fault: ({ socket }, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"id":', () => socket.destroy())
    },
  },
  ...[401, 403, 429, 500, 503].map(refusing),
  saying('is a page to log in at', 'something else did', 200, '<html>Please log in</html>'),
  saying('answers without an end', 'maxContentLength', 200, 'x'.repeat(tooLarge)),
  saying('redirects in a circle', 'redirects', 302, '', { location: '/elsewhere' }),
]

/** Only who meets a schema for the first time notices. */
export const withoutSchemas: RegistryFault = (request, response) => {
  if (request.url?.includes('/schemas/ids/') !== true) return 'pass'
  response.writeHead(503, { 'content-type': 'application/json' }).end('{"error_code":50003,"message":"by the test"}')
}

export const answersAfter =
  (ms: number): RegistryFault =>
  () =>
    new Promise((resolve) => setTimeout(() => resolve('pass'), ms))
