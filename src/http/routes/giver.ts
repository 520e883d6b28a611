/** Who tells this deployment to do something: why, by what name, and how long they wait until it is done. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { mostName, mostReason } from '../../core/command/command.ts'
import type { Giver } from '../../runtime/commanding/giving.ts'
import { ShoalError } from '../../runtime/errors.ts'
import type { Gatekeeper } from '../access/gatekeeper.ts'

export const giverFields = {
  reason: z.string().min(1).max(mostReason).meta({ description: 'Why: it is kept, and told with what is done.' }),
  by: z
    .string()
    .min(1)
    .max(mostName)
    .optional()
    .meta({ description: 'Who says so; taken only where no token is asked for, else it is whose token it is.' }),
  waitMs: z.int().min(0).max(25_000).default(10_000).meta({ description: 'How long to wait until it is done.' }),
}

type GiverFields = z.output<z.ZodObject<typeof giverFields>>

export function giverOf(
  { client, body }: Pick<FastifyRequest, 'client'> & { readonly body: GiverFields },
  { isAsking }: Pick<Gatekeeper, 'isAsking'>,
): Giver {
  const { reason, by, waitMs } = body
  return { reason, by: isAsking ? (client?.name ?? 'unknown') : (by ?? 'local'), waitMs }
}

export const nobodyWaits = () => new ShoalError('stopped.interrupted', 'whoever asked did not wait for it')
