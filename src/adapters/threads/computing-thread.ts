/** A thread that computes for the fold, so that events are scored meanwhile. It is started when there is something to do. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Computer, Log } from '../../runtime/ports.ts'
import type { Answer, Question } from './computing.ts'

/** Compiled or not, the thread runs what this file is. */
const program = new URL(`./computing${extname(import.meta.url)}`, import.meta.url)

/** What the thread cannot do is refused, and said; a thread that has ended is started again by the next computation. */
export function computingThread(log: Pick<Log, 'warn'>): Computer {
  let life: Life | null = null
  return {
    compute(name, input) {
      if (life === null || life.isOver) life = new Life(log)
      return life.ask(name, input)
    },
    async close() {
      await life?.end()
    },
  }
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

class Life {
  isOver = false
  private readonly log: Pick<Log, 'warn'>
  private readonly worker = new Worker(program)
  private readonly waiting = new Map<number, Waiting>()
  private asked = 0

  constructor(log: Pick<Log, 'warn'>) {
    this.log = log
    this.worker.on('message', (answer: Answer) => this.answered(answer))
    this.worker.on('error', (error: Error) => this.over(error.message))
    this.worker.on('exit', (code) => this.over(`it exited with ${code}`))
  }

  /** The thread keeps the process alive only while somebody waits for it. */
  ask(name: string, input: unknown): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const question: Question = { id: this.asked++, name, input }
    this.waiting.set(question.id, { resolve, reject })
    this.worker.ref()
    this.worker.postMessage(question)
    return promise
  }

  async end(): Promise<void> {
    await this.worker.terminate()
  }

  private answered({ id, result, error }: Answer): void {
    const { resolve, reject } = this.waiting.get(id)!
    this.waiting.delete(id)
    if (this.waiting.size === 0) this.worker.unref()
    if (error === null) resolve(result)
    else {
      this.log.warn('a computation failed beside the main thread, and is done in it', { error })
      reject(new Error(error))
    }
  }

  private over(reason: string): void {
    this.isOver = true
    if (this.waiting.size > 0) this.log.warn('the computing thread has ended; the main thread computes', { reason })
    for (const { reject } of this.waiting.values()) reject(new Error(reason))
    this.waiting.clear()
  }
}
