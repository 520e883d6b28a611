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

parentPort?.on('message', ({ id, name, input }: Question) => {
  parentPort?.postMessage(answerTo(id, name, input))
  release(input)
})

function answerTo(id: number, name: string, input: unknown): Answer {
  try {
    return { id, result: finish(known[name](input as never)), error: null }
  } catch (error) {
    return { id, result: null, error: error instanceof Error ? error.message : String(error) }
  }
}

/** The copy of a sample is megabytes, and V8, which sees few objects here, would let a dozen of them gather. */
function release(input: unknown): void {
  if (ArrayBuffer.isView(input)) {
    if (input.buffer instanceof ArrayBuffer && !input.buffer.detached) input.buffer.transfer(0)
  } else if (typeof input === 'object' && input !== null) Object.values(input).forEach(release)
}
