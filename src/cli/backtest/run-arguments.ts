/** The options of a run as a command line again: what a process of its own is started with. */
import { resolve } from 'node:path'
import type { RunOptions } from './one-run.ts'

/** The command line of a run, but for what varies. */
export function argumentsOf(options: RunOptions): string[] {
  const { file, ignore, set, since, until } = options
  const { topic, config, label, truth, key, time, k, seed, rows, batch, warmup, shuffle, partitions } = options
  const plain = { topic, config, label, truth, key, time, k, seed, rows, batch, warmup, shuffle, partitions }
  const instant = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString())
  return [
    ...(file === null ? [] : [resolve(file)]),
    ...Object.entries({ ...plain, since: instant(since), until: instant(until) }).flatMap(flag),
    ...ignore.flatMap((pattern) => flag(['ignore', pattern])),
    ...set.flatMap(({ key, text }) => flag(['set', `${key}=${text}`])),
  ]
}

function flag([name, value]: [string, unknown]): string[] {
  return value === undefined ? [] : [`--${name}`, String(value)]
}
