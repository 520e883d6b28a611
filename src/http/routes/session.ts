/** Signing in: a browser cannot send a header with a page or an event stream, so it gets its token as a cookie. */
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ShoalError } from '../../runtime/errors.ts'
import { type Gatekeeper, sessionCookie } from '../access/gatekeeper.ts'

const credentials = z.strictObject({ token: z.string().min(1).max(8192) })

/** No script can read the cookie, and no page of another site makes a browser send it. */
const attributes = 'Path=/; HttpOnly; SameSite=Strict'

export function addSessionRoutes(app: FastifyInstance, gatekeeper: Gatekeeper): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const anybody = { needs: null }
  routes.post('/v1/session', { config: anybody, schema: { hide: true, body: credentials } }, async (request, reply) => {
    const { token } = request.body
    const client = await gatekeeper.clientOfToken(token)
    if (client === null) throw new ShoalError('access.unknown', 'this token is not known')
    const secure = request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https' ? '; Secure' : ''
    return reply
      .code(204)
      .header('set-cookie', `${sessionCookie}=${encodeURIComponent(token)}; ${attributes}${secure}`)
      .send()
  })
  routes.delete('/v1/session', { config: anybody, schema: { hide: true } }, async (_, reply) =>
    reply.code(204).header('set-cookie', `${sessionCookie}=; ${attributes}; Max-Age=0`).send(),
  )
}
