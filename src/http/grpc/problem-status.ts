/** The gRPC status that a problem is. */
import { status } from '@grpc/grpc-js'
import { problemOf } from '../problem.ts'

/** By the HTTP status of the same problem. */
const codeOf: { readonly [httpStatus: number]: status } = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  413: status.RESOURCE_EXHAUSTED,
  422: status.INVALID_ARGUMENT,
  429: status.RESOURCE_EXHAUSTED,
  503: status.UNAVAILABLE,
}

export interface GrpcStatus {
  readonly code: status
  /** The code of the catalogue, and the rule. */
  readonly details: string
  readonly isDefect: boolean
}

export function statusOf(error: unknown): GrpcStatus {
  const problem = problemOf(error)
  return {
    code: codeOf[problem.status] ?? status.INTERNAL,
    details: `${problem.code}: ${problem.detail}`,
    isDefect: problem.code === 'unexpected',
  }
}
