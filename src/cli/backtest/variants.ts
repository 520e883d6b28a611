/** Several configurations side by side: a child process each, a few at a time. */
import { fork } from 'node:child_process'
import { ShoalError } from '../../runtime/errors.ts'
import { allOrNone } from '../all-or-none.ts'
import type { Findings } from './findings.ts'
import { keyOverride, type Override } from './key-overrides.ts'

/** What is set in one of the runs. */
export type Variant = readonly Override[]

export interface VariantRun {
  readonly variant: Variant
  readonly findings: Findings
}

/** What a child tells of its progress. */
export interface ChildProgress {
  readonly events: number
  readonly part: number
}

/** `clusters.k=8,16` and another key's values: every value of the one with every value of the other. */
export function variantsOf(varied: readonly (readonly Override[])[]): readonly Variant[] {
  return varied.reduce<readonly Variant[]>(
    (variants, values) => variants.flatMap((variant) => values.map((value) => [...variant, value])),
    [[]],
  )
}

/** `key=value,value`, for an option that may be given again and again. */
export function collectVaried(
  text: string,
  before: readonly (readonly Override[])[] = [],
): readonly (readonly Override[])[] {
  const { key, text: values } = keyOverride(text)
  return [...before, values.split(',').map((value) => keyOverride(`${key}=${value}`))]
}

export function nameOf(variant: Variant): string {
  return variant.map(({ key, text }) => `${key}=${text}`).join(' ')
}

export interface VariantOptions {
  /** The program that runs one: main.ts. */
  readonly program: string
  readonly variants: readonly Variant[]
  /** Its command line, but for what varies. */
  readonly args: readonly string[]
  /** Processes at a time. */
  readonly atOnce: number
  readonly onProgress: (events: number, part: number) => void
  readonly signal: AbortSignal
}

/** Runs all of them, in the order of the variants; the first that fails ends the others. */
export async function runVariants(options: VariantOptions): Promise<readonly VariantRun[]> {
  const { variants, atOnce, onProgress } = options
  const told: ChildProgress[] = variants.map(() => ({ events: 0, part: 0 }))
  const runs: VariantRun[] = []
  let next = 0
  const work = async (signal: AbortSignal): Promise<void> => {
    while (next < variants.length && !signal.aborted) {
      const index = next++
      const findings = await runOne(options, variants[index], signal, (progress) => {
        told[index] = progress
        const events = told.reduce((sum, each) => sum + each.events, 0)
        onProgress(events, told.reduce((sum, { part }) => sum + part, 0) / told.length)
      })
      runs[index] = { variant: variants[index], findings }
    }
  }
  const workers = (signal: AbortSignal) => Array.from({ length: Math.min(atOnce, variants.length) }, () => work(signal))
  await allOrNone(workers, options.signal)
  return runs
}

function runOne(
  { program, args }: VariantOptions,
  variant: Variant,
  signal: AbortSignal,
  onProgress: (progress: ChildProgress) => void,
): Promise<Findings> {
  const set = variant.flatMap(({ key, text }) => ['--set', `${key}=${text}`])
  const child = fork(program, ['backtest', ...args, ...set, '--json'], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  child.on('message', (progress) => onProgress(progress as ChildProgress))
  // One whose parent dies ends with its channel.
  const end = () => child.kill()
  signal.addEventListener('abort', end, { once: true })
  return new Promise<Findings>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(stdout) as Findings)
      else if (signal.aborted) reject(new ShoalError('stopped.interrupted', 'interrupted: not all variants have run'))
      else reject(new ShoalError('usage.invalid', `with ${nameOf(variant)}: ${stderr.trim().split('\n')[0]}`))
    })
  }).finally(() => signal.removeEventListener('abort', end))
}
