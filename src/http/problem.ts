/** What went wrong, for whoever asked: problem details (RFC 9457) with a code of the one catalogue. */
import { z } from 'zod'
import { type ErrorCode, errorCatalogue, ShoalError } from '../runtime/errors.ts'

export const problemType = 'application/problem+json'

export const problem = z
  .object({
    type: z.string().meta({ description: 'Names the kind of problem: `urn:shoal:error:` and the code.' }),
    title: z.string().meta({ description: 'What the code means.' }),
    status: z.int().meta({ description: 'The HTTP status.' }),
    code: z.string().meta({ description: 'The code in docs/errors.md; `unexpected`: a defect of Shoal.' }),
    detail: z.string().meta({ description: 'The rule that was broken, and by what.' }),
    remedy: z.string().meta({ description: 'What to do next.' }),
  })
  .meta({ id: 'Problem', description: 'Why a request was not answered as asked (RFC 9457).' })

export type Problem = z.output<typeof problem>

/** Codes whose status is not that of their kind: 503 where another attempt may succeed, 500 where it may not. */
const statusOf: { readonly [C in ErrorCode]?: number } = {
  'request.invalid': 400,
  'access.unknown': 401,
  'access.denied': 403,
  'request.unknown': 404,
  'version.unknown': 404,
  'profile.unknown': 404,
  'model.refuses': 409,
  'promotion.refused': 409,
  'request.too_large': 413,
  'request.unsupported': 415,
  'event.invalid': 422,
  'request.too_many': 429,
}

/** What fastify and its plugins say of a request by a status alone. */
const codeOfStatus: { readonly [status: number]: ErrorCode } = {
  404: 'request.unknown',
  405: 'request.unknown',
  413: 'request.too_large',
  415: 'request.unsupported',
  429: 'request.too_many',
}

/** The problem that an error is. Of a defect nothing is told: an answer is for whoever asks, and that may be anybody. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ShoalError) return problemWith(error.code, error.message)
  const status = statusIn(error)
  if (status !== null && status < 500) {
    const detail = error instanceof Error ? error.message : 'the request must be one that the API knows'
    return problemWith(codeOfStatus[status] ?? 'request.invalid', detail, status)
  }
  return {
    type: 'urn:shoal:error:unexpected',
    title: 'Shoal has failed.',
    status: 500,
    code: 'unexpected',
    detail: 'this failed; the log of the process says why',
    remedy: 'Report it, with the line of the log.',
  }
}

export function problemWith(code: ErrorCode, detail: string, status?: number): Problem {
  const { meaning, remedy, retriable } = errorCatalogue[code]
  return {
    type: `urn:shoal:error:${code}`,
    title: meaning,
    status: status ?? statusOf[code] ?? (retriable ? 503 : 500),
    code,
    detail,
    remedy,
  }
}

function statusIn(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return null
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 600 ? statusCode : null
}
