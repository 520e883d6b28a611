/** Processes of their own that run seeds: on all cores, and with the product as they are told to load it. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Answer, Order } from './orders.ts'
import type { Shape } from './plan.ts'
import type { Verdict } from './run-plan.ts'

const program = join(import.meta.dirname, 'seed-worker.ts')

/** One process, asked one thing at a time. */
export class SeedWorker {
  readonly #child: ChildProcess

  /** `mutation`: the bug that it has, by its name. */
  constructor(mutation: string | null = null) {
    this.#child = fork(program, mutation === null ? [] : [mutation], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
  }

  async run(seed: number, shape?: Partial<Shape>): Promise<Verdict> {
    const answer = await this.#ask({ kind: 'run', seed, ...(shape === undefined ? {} : { shape }) })
    if (answer.kind !== 'verdict') throw new Error('a verdict was asked for')
    return answer.verdict
  }

  /** The violation of a seed, in its smallest world. */
  async report(seed: number): Promise<string> {
    const answer = await this.#ask({ kind: 'report', seed })
    if (answer.kind !== 'report') throw new Error('a report was asked for')
    return answer.text
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect()
  }

  #ask(order: Order): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const over = () => {
        this.#child.off('message', answered)
        this.#child.off('exit', exited)
      }
      const answered = (answer: Answer) => {
        over()
        resolve(answer)
      }
      const exited = (code: number | null) => {
        over()
        reject(new Error(`the process that ran seed ${order.seed} has ended with ${code}`))
      }
      this.#child.on('message', answered)
      this.#child.on('exit', exited)
      this.#child.send(order)
    })
  }
}

/** Runs the seeds that `next` gives, until it gives null, on so many processes. Ends early when `onVerdict` says false. */
export async function runSeeds(
  workers: number,
  mutation: string | null,
  next: () => number | null,
  onVerdict: (verdict: Verdict) => boolean,
): Promise<void> {
  let goesOn = true
  const work = async () => {
    const worker = new SeedWorker(mutation)
    try {
      for (let seed = next(); seed !== null && goesOn; seed = next()) {
        goesOn = onVerdict(await worker.run(seed)) && goesOn
      }
    } finally {
      worker.close()
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
}
