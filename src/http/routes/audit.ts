/** Who has ordered, configured or been refused what. */
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { newestAudit } from '../../runtime/audit/audit-reading.ts'
import { auditKinds } from '../../runtime/audit/audit-record.ts'
import { auditView, auditViewSchema } from '../../runtime/views/audit-view.ts'
import { type ApiOf, apiOf } from '../api.ts'
import { over } from '../over.ts'
import { described } from './route.ts'

const query = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'At most so many.' }),
  sinceMs: z.coerce.number().int().min(0).default(0).meta({ description: 'Only of this time or later.' }),
  kind: z.enum(auditKinds).optional().meta({ description: 'Only this kind.' }),
})

/** It names who was refused what, so it is for those who may steer. */
export function addAuditRoutes(app: FastifyInstance, api: ApiOf): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/v1/audit',
    described(
      'operate',
      {
        operationId: 'listAudit',
        summary: 'The newest records of the audit, newest first',
        tags: ['commands'],
        querystring: query,
      },
      { 200: z.object({ records: z.array(auditViewSchema) }) },
    ),
    async (request) => {
      const { limit, sinceMs, kind } = request.query
      const { log, settings } = apiOf(api())
      const asked = { limit, sinceMs, kinds: kind === undefined ? [] : [kind] }
      const kept = await newestAudit(log, settings.topics.audit, asked, over(request))
      return { records: kept.map(auditView) }
    },
  )
}
