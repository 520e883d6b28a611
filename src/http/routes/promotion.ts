/** Deployments beside one another: how this one stands to each partition, and its promotion. */
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { promote, readiness } from '../../runtime/primary/promoting.ts'
import type { Gatekeeper } from '../access/gatekeeper.ts'
import { type ApiOf, apiOf } from '../api.ts'
import { over } from '../over.ts'
import { giverFields, giverOf, nobodyWaits } from './giver.ts'
import { described } from './route.ts'

const mostBehind = () =>
  z.coerce
    .number()
    .int()
    .min(0)
    .default(10_000)
    .meta({ description: 'Offsets that it may be behind, over all partitions.' })

const standing = z
  .object({
    partition: z.int(),
    primary: z.string().meta({ description: 'Name of the deployment that writes its outputs.' }),
    fromOffset: z.int().meta({ description: 'The first event whose outputs that one writes.' }),
    position: z.int().meta({ description: 'Where this deployment is.' }),
    behind: z.int().meta({ description: 'Offsets up to where the outputs are written.' }),
  })
  .meta({ id: 'Standing' })

const readinessOf = z.object({
  name: z.string().meta({ description: 'This deployment.' }),
  ready: z.boolean().meta({ description: 'Whether it would be promoted.' }),
  refusals: z.array(z.string()).meta({ description: 'Why it would not.' }),
  partitions: z.array(standing),
})

const promotion = z
  .strictObject({
    ...giverFields,
    mostBehind: mostBehind(),
    force: z.boolean().default(false).meta({
      description: 'Whether or not it is ready; partitions of a deployment that has no process are taken from it.',
    }),
  })
  .meta({ id: 'Promotion' })

const promoted = z.object({
  handedOver: z.int().meta({ description: 'Partitions that this deployment is the primary of.' }),
  partitions: z.array(standing),
})

export function addPromotionRoutes(app: FastifyInstance, api: ApiOf, gate: Pick<Gatekeeper, 'isAsking'>): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/v1/promotion',
    described(
      'read',
      {
        operationId: 'getReadiness',
        summary: 'Whether this deployment may be promoted',
        description:
          'Whose the outputs of each partition are, how far this deployment is behind, and what keeps it back.',
        tags: ['commands'],
        querystring: z.object({ mostBehind: mostBehind() }),
      },
      { 200: readinessOf },
    ),
    async (request) => {
      const { promoting } = apiOf(api())
      const ready = await readiness(promoting, request.query, over(request))
      if (ready === null) throw nobodyWaits()
      const { found, refusals } = ready
      const { name } = promoting.settings
      return { name, ready: refusals.length === 0, refusals: [...refusals], partitions: [...found] }
    },
  )
  routes.post(
    '/v1/promotion',
    described(
      'operate',
      {
        operationId: 'promote',
        summary: 'Promote this deployment',
        description:
          'Its outputs become those that consumers read, partition by partition. 200: all are handed over; 202: it is written, and not all are yet; 409: it is not ready, and nothing has been done.',
        tags: ['commands'],
        body: promotion,
      },
      { 200: promoted, 202: promoted },
    ),
    async (request, reply) => {
      const { force, mostBehind: most } = request.body
      const { promoting } = apiOf(api())
      const order = { mostBehind: most, isForced: force }
      const found = await promote(promoting, giverOf(request, gate), order, over(request))
      if (found === null) throw nobodyWaits()
      const handedOver = found.filter(({ primary }) => primary === promoting.settings.name).length
      return reply.code(handedOver === found.length ? 200 : 202).send({ handedOver, partitions: [...found] })
    },
  )
}
