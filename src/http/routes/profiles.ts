/** What is known of one entity. */
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ShoalError } from '../../runtime/errors.ts'
import { profileView, profileViewSchema } from '../../runtime/views/profile-view.ts'
import { type ApiOf, apiOf } from '../api.ts'
import { described } from './route.ts'

const place = z.object({
  field: z.string().min(1).max(256).meta({ description: 'The field that names the entity.' }),
  entity: z.string().min(1).max(256).meta({ description: 'Its value.' }),
})

export function addProfileRoutes(app: FastifyInstance, api: ApiOf): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/v1/profiles/:field/:entity',
    described(
      'read',
      {
        operationId: 'getProfile',
        summary: 'What is known of one entity',
        description: 'A process has the profiles of its own partitions: 404 may mean that another one has it.',
        tags: ['model'],
        params: place,
      },
      { 200: profileViewSchema },
    ),
    async (request) => {
      const { field, entity } = request.params
      const { service, settings } = apiOf(api())
      const found = profileView(settings.plan, service.insight.profiles(), field, entity)
      if (found !== null) return found
      const known = settings.plan.profiles?.entities.map((of) => of.field) ?? []
      const rule = known.includes(field)
        ? `${entity} must have a profile in the partitions of this process`
        : `field must be one that profiles are kept of: ${known.join(', ') || 'there is none'}`
      throw new ShoalError('profile.unknown', rule)
    },
  )
}
