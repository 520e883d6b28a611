/** The API's own description, for whoever generates a client or reads. */
import type { FastifyInstance } from 'fastify'
import type { Role } from '../../runtime/role.ts'

export function addDocumentRoute(app: FastifyInstance): void {
  const needs: Role = 'read'
  app.get('/v1/openapi.json', { config: { needs }, schema: { hide: true } }, async (_, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
}
