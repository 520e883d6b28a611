/** What the computing thread runs: it answers each question in turn. */
import { parentPort } from 'node:worker_threads'
import { finish, type Steps } from '../../core/kmeans/steps.ts'
import { computations } from '../../core/upkeep/computations.ts'

export interface Question {
  readonly id: number
  readonly name: string
  readonly input: unknown
}

export interface Answer {
  readonly id: number
  readonly result: unknown
  /** Why there is none; null: there is one. */
  readonly error: string | null
}

const known: Readonly<Record<string, (input: never) => Steps<unknown>>> = computations

parentPort?.on('message', ({ id, name, input }: Question) => parentPort?.postMessage(answerTo(id, name, input)))

function answerTo(id: number, name: string, input: unknown): Answer {
  try {
    return { id, result: finish(known[name](input as never)), error: null }
  } catch (error) {
    return { id, result: null, error: error instanceof Error ? error.message : String(error) }
  }
}
