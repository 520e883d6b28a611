/** What all routes of the API have in common in their description. */
import { z } from 'zod'
import type { Role } from '../../runtime/role.ts'
import { problem } from '../problem.ts'

type Responses = Readonly<Record<number, z.ZodType>>

interface Described {
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly querystring?: z.ZodType
  readonly params?: z.ZodType
  readonly body?: z.ZodType
  readonly consumes?: readonly string[]
}

/** The options of a route that needs a role: its description, with the problems that any route may answer with. */
export function described<D extends Described, R extends Responses>(needs: Role, description: D, response: R) {
  return {
    config: { needs },
    schema: {
      ...description,
      security: [{ token: [] }],
      response: { ...response, ...problems },
    },
  }
}

const described4xx = z.object(problem.shape).meta({ description: 'The request breaks a rule; `code` says which.' })
const described5xx = z.object(problem.shape).meta({ description: 'Shoal cannot answer now; `code` says why.' })
const problems = { '4xx': described4xx, '5xx': described5xx } as const
