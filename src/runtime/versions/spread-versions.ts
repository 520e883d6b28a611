/** A few of the versions of some time: an hour may have thousands, a gigabyte, of which each of these takes one read. */
import { batchesUpTo, countBefore } from '../batches.ts'
import { unlessAborted } from '../interruption.ts'
import type { PublishedModel } from '../model-follower.ts'
import { type OffsetsOfTopic, versionRecordAt } from '../version-records.ts'
import { firstVersion, type KeptVersions, publishedIn } from './kept-versions.ts'

export interface Spread {
  /** Published at this time or later. */
  readonly sinceMs: number
  readonly most: number
}

/** At most so many versions before offset `to`, evenly over the offsets, oldest first. */
export async function* versionsSpread(
  options: KeptVersions,
  { sinceMs, most }: Spread,
  to: number,
  signal: AbortSignal,
): AsyncGenerator<PublishedModel> {
  const { log, topic, clock } = options
  const bounds = await unlessAborted(signal, log.bounds({ topic, partition: 0 }))
  if (bounds === null) return
  const from = await firstSince(options, sinceMs, { topic, from: bounds.start, to }, signal)
  const place = (i: number) => from + Math.floor((i * (to - from)) / most)
  for (let i = 0; i < most && !signal.aborted; i++) {
    const found = await firstPublished(options, { topic, from: place(i), to: place(i + 1) }, signal)
    if (found === null) continue
    yield found
    await clock.yield()
  }
}

/** Where what is as young begins: halved, as times ascend in the topic. */
async function firstSince(
  { log, topic }: KeptVersions,
  sinceMs: number,
  { from, to }: OffsetsOfTopic,
  signal: AbortSignal,
): Promise<number> {
  let [low, high] = [from, to]
  while (low < high && !signal.aborted) {
    const middle = Math.floor((low + high) / 2)
    const first = await firstVersion(log, { topic, from: middle, to: high }, signal)
    if (first !== null && first.atMs < sinceMs) low = first.offset + 1
    else high = middle
  }
  return low
}

async function firstPublished(
  options: KeptVersions,
  range: OffsetsOfTopic,
  signal: AbortSignal,
): Promise<PublishedModel | null> {
  const { topic, from, to } = range
  for await (const batch of batchesUpTo(options.log, topic, [{ partition: 0, from, to }], signal)) {
    const count = countBefore(batch, to)
    for (let i = 0; i < count; i++) {
      const found = versionRecordAt(batch, i) === null ? null : publishedIn(batch, i, options)
      if (found !== null) return found
    }
  }
  return null
}
