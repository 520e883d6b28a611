/** Asking the API, and what it says when it will not. */
import type { Problem } from '../../../src/http/problem.ts'

/** An answer that is a problem, or none at all. */
export class ApiProblem extends Error {
  /** 0: nobody answered. */
  readonly status: number
  readonly code: string
  readonly remedy: string

  constructor({ status, code, detail, remedy }: Pick<Problem, 'status' | 'code' | 'detail' | 'remedy'>) {
    super(detail)
    this.status = status
    this.code = code
    this.remedy = remedy
  }
}

const timeoutMs = 15_000

export async function getJson<T>(path: string): Promise<T> {
  const answer = await asked(path, {})
  return (await answer.json()) as T
}

/** The status tells what is done already from what will be. */
export async function postJson<T>(
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly value: T }> {
  const headers = { 'content-type': 'application/json' }
  const answer = await asked(path, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: answer.status, value: (answer.status === 204 ? null : await answer.json()) as T }
}

async function asked(path: string, init: RequestInit): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(path, { ...init, signal: AbortSignal.timeout(timeoutMs), credentials: 'same-origin' })
  } catch {
    throw unanswered()
  }
  if (answer.ok) return answer
  throw new ApiProblem(await problemIn(answer))
}

function unanswered(): ApiProblem {
  const remedy = 'It is asked again by itself; if that does not help, look whether the process runs.'
  return new ApiProblem({ status: 0, code: 'unanswered', detail: 'Shoal does not answer', remedy })
}

async function problemIn(answer: Response): Promise<Pick<Problem, 'status' | 'code' | 'detail' | 'remedy'>> {
  const { status } = answer
  const said: Partial<Problem> = await answer.json().catch(() => ({}))
  const { code = 'unexpected', detail = `the answer was ${status}`, remedy = '' } = said
  return { status, code, detail, remedy }
}
