/** The console at `/`: the files that `npm run build:console` has written, for whoever may read. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { codeOf, ShoalError } from '../../runtime/errors.ts'
import { pageHeaders } from './policy.ts'
import { signInHeaders, signInPage } from './sign-in-page.ts'

/** dist-console/ of this package, from the sources and from dist/ alike. */
const builtFolder = fileURLToPath(new URL('../../../dist-console', import.meta.url))
const headers = pageHeaders(null)

export async function addConsoleRoutes(app: FastifyInstance, folder = builtFolder): Promise<void> {
  await app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true, cacheControl: false })
  const reading = { config: { needs: 'read' as const }, schema: { hide: true } }
  app.get(
    '/',
    {
      ...reading,
      // A stranger's browser needs something to sign in with.
      errorHandler: (error, _, reply) => {
        if (codeOf(error) !== 'access.unknown') throw error
        return reply
          .code(401)
          .headers({ ...signInHeaders, 'www-authenticate': 'Bearer', 'cache-control': 'no-store' })
          .type('text/html; charset=utf-8')
          .send(signInPage)
      },
    },
    async (_, reply) => {
      if (!existsSync(join(folder, 'index.html'))) {
        throw new ShoalError('request.unknown', 'the console must be built: npm run build:console does it')
      }
      return reply.headers({ ...headers, 'cache-control': 'no-cache' }).sendFile('index.html')
    },
  )
  // Their names hold the hashes of what they are: another file has another name.
  app.get<{ Params: { file: string } }>('/assets/:file', reading, async ({ params: { file } }, reply) =>
    reply.headers({ ...headers, 'cache-control': 'public, max-age=31536000, immutable' }).sendFile(`assets/${file}`),
  )
}
