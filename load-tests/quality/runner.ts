/** `shoal backtest` in child processes, a few at a time; the same run is made once, whoever asks for it. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Findings } from '../../src/cli/backtest/findings.ts'
import { outputOf } from '../program-output.ts'
import type { LabelledStream } from './protocol.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
/** Each takes a core and some hundred megabytes. */
const atOnce = Math.min(2, availableParallelism())

export interface RunnerOptions {
  readonly folder: string
  /** At most so many rows of each stream; null: all. */
  readonly rows: number | null
  readonly onChange: (done: number, all: number, running: string) => void
}

export class Runner {
  private readonly options: RunnerOptions
  private readonly runs = new Map<string, Promise<unknown>>()
  private readonly waiting: (() => void)[] = []
  private running = 0
  private done = 0

  constructor(options: RunnerOptions) {
    this.options = options
  }

  /** Whether not everything is to be run. */
  get isShort(): boolean {
    return this.options.rows !== null
  }

  has({ name }: LabelledStream): boolean {
    return existsSync(this.pathOf(name))
  }

  /** `shoal backtest` of the stream, its labels told and its other columns left out. */
  backtest({ name, ignore }: LabelledStream, ...flags: readonly string[]): Promise<Findings> {
    const { rows } = this.options
    const limit = rows === null ? [] : ['--rows', String(rows)]
    const left = ignore.flatMap((pattern) => ['--ignore', pattern])
    return this.shoal<Findings>(
      'backtest',
      this.pathOf(name),
      '--label',
      'label',
      ...left,
      ...limit,
      ...flags,
      '--json',
    )
  }

  /** The same for each seed, in their order. */
  backtests(stream: LabelledStream, seeds: readonly number[], ...flags: readonly string[]): Promise<Findings[]> {
    return Promise.all(seeds.map((seed) => this.backtest(stream, '--seed', String(seed), ...flags)))
  }

  /** What `shoal …` prints, as JSON. */
  shoal<T>(...args: readonly string[]): Promise<T> {
    return this.program<T>(main, ...args)
  }

  /** What a program of ours prints, as JSON. */
  program<T>(path: string, ...args: readonly string[]): Promise<T> {
    return this.output<T>(process.execPath, '--disable-warning=ExperimentalWarning', path, ...args)
  }

  /** What any command prints, as JSON. */
  output<T>(command: string, ...args: readonly string[]): Promise<T> {
    const key = JSON.stringify([command, ...args])
    const known = this.runs.get(key)
    if (known !== undefined) return known as Promise<T>
    const run = this.start<T>(command, args)
    this.runs.set(key, run)
    return run
  }

  private pathOf(name: string): string {
    return join(this.options.folder, `${name}.csv.gz`)
  }

  private async start<T>(command: string, args: readonly string[]): Promise<T> {
    while (this.running >= atOnce) await new Promise<void>((resolve) => this.waiting.push(resolve))
    this.running++
    const { onChange } = this.options
    const name = args.filter((arg) => !arg.startsWith('--disable')).join(' ')
    onChange(this.done, this.runs.size + 1, name)
    try {
      return JSON.parse(await outputOf(command, args)) as T
    } finally {
      this.running--
      this.done++
      onChange(this.done, this.runs.size, name)
      this.waiting.shift()?.()
    }
  }
}
