/** What all routes of the API have in common in their description. */
import { z } from 'zod'
import type { Role } from '../../runtime/role.ts'
import { problem, problemType } from '../problem.ts'

type Responses = Readonly<Record<number, z.ZodType | ReturnType<typeof textOf>>>

interface Described {
  /** What generated clients call it. */
  readonly operationId: string
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

const problems = {
  '4xx': {
    description: 'The request breaks a rule; `code` says which.',
    content: { [problemType]: { schema: problem } },
  },
  '5xx': {
    description: 'Shoal cannot answer now; `code` says why.',
    content: { [problemType]: { schema: problem } },
  },
} as const

/** An answer that is not JSON, as a response describes it. */
export function textOf(type: string, description: string) {
  return { description, content: { [type]: { schema: z.string() } } }
}
