/** Commands: records of the log of model updates, answered when the trainer has come to them. */
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { giveOrder } from '../../runtime/commanding/orders.ts'
import { ShoalError } from '../../runtime/errors.ts'
import { deedSchema } from '../../runtime/views/control-view.ts'
import type { Gatekeeper } from '../access/gatekeeper.ts'
import { type ApiOf, apiOf } from '../api.ts'
import { over } from '../over.ts'
import { giverFields, giverOf, nobodyWaits } from './giver.ts'
import { described } from './route.ts'

const version = () => z.int().min(1)

const order = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...giverFields, kind: z.enum(['freeze', 'resume', 'refit', 'reseed']) }),
    z.strictObject({
      ...giverFields,
      kind: z.literal('rollback'),
      to: version()
        .nullable()
        .default(null)
        .meta({ description: 'A version that is kept; null: the last healthy one.' }),
    }),
    z.strictObject({
      ...giverFields,
      kind: z.enum(['approve', 'reject']),
      driftId: z.string().min(1).max(200).meta({ description: 'The drift whose question is answered.' }),
    }),
    z.strictObject({
      ...giverFields,
      kind: z.literal('pin'),
      version: version().nullable().default(null).meta({ description: 'A version that is kept; null: the newest.' }),
    }),
    z.strictObject({ ...giverFields, kind: z.literal('unpin'), version: version() }),
    z.strictObject({
      ...giverFields,
      kind: z.literal('budget'),
      budget: z.number().gt(0).max(0.5).meta({ description: 'Share of events that may be called anomalous.' }),
    }),
  ])
  .meta({ id: 'Order' })

const done = z.object({
  deeds: z
    .array(deedSchema.nullable())
    .meta({ description: 'What became of each; null: it is in the log, not done yet.' }),
})

export function addCommandRoutes(app: FastifyInstance, api: ApiOf, gate: Pick<Gatekeeper, 'isAsking'>): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/v1/commands',
    described(
      'operate',
      {
        operationId: 'giveCommand',
        summary: 'Give a command to the model',
        description:
          'It is written to the log and obeyed where it stands there. 200: it is done; 202: it is in the log, and will be done when a process trains; 409: it is refused, and nothing has been done.',
        tags: ['commands'],
        body: order,
      },
      { 200: done, 202: done },
    ),
    async (request, reply) => {
      const { giving } = apiOf(api())
      const given = await giveOrder(giving, giverOf(request, gate), request.body, over(request))
      if (given === null) throw nobodyWaits()
      const refused = given.deeds.find((deed) => deed !== null && deed.refused !== '')
      if (refused) throw new ShoalError('model.refuses', `${refused.kind} is refused: ${refused.refused}`)
      return reply.code(given.deeds.includes(null) ? 202 : 200).send({ deeds: [...given.deeds] })
    },
  )
}
