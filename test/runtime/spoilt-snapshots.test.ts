/** Promise 6 at the follower: a snapshot that its store gives in good faith, spoilt or cut anywhere. */
import { beforeAll, describe, expect, test } from 'vitest'
import { crc32c } from '../../src/core/codec/crc32c.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import type { EventLog, Snapshot, SnapshotStore } from '../../src/runtime/ports.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { ManualClock } from './manual-clock.ts'
import { bornModel, following, makeTopics, modelWorld, publishVersion, storedModels } from './model-world.ts'

const model = bornModel()
const checksumBytes = 4
const headBytes = 128
const stride = 16

let log: EventLog
/** Version 2 of four, as the log holds it. */
let right: Snapshot
let newest: Uint8Array

beforeAll(async () => {
  log = modelWorld(new ManualClock()).log
  await makeTopics(log)
  for (let version = 1; version <= 4; version++) await publishVersion(log, model, version)
  const [, second, , fourth] = await storedModels(log)
  const { bornAtMs, fingerprint } = model
  const { version, offset, timestamp, bytes } = second
  right = { name: 'cards', version, bornAtMs, fingerprint, offset, publishedAtMs: timestamp, bytes }
  newest = fourth.bytes
})

/** How often each refusal came when a follower started from each of these; it must have come to the newest version each time. */
async function refusalsOf(spoilt: Iterable<Uint8Array>): Promise<Record<string, number>> {
  const refusals: Record<string, number> = {}
  for (const bytes of spoilt) {
    const { follower, telemetry, starts } = following(log, storeOf({ ...right, bytes }))
    const stop = new AbortController()
    const running = follower.run(stop.signal)
    const reached = await follower.upToDate(stop.signal)
    stop.abort()
    await running
    if (reached === null || Buffer.compare(reached.bytes, newest) !== 0) throw new Error('the log must be used instead')
    const codes = telemetry.log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields.code)
    const outcome = codes.length === 0 && starts.at(-1) === right.offset ? 'taken' : codes.join(' and ')
    refusals[outcome] = (refusals[outcome] ?? 0) + 1
  }
  return refusals
}

function storeOf(snapshot: Snapshot): SnapshotStore {
  return {
    put: async () => 'stale',
    latest: async () => snapshot,
    read: async () => snapshot,
    history: async () => [],
    close: async () => undefined,
  }
}

/**
 * Places in the snapshot: all at its head, where each byte is another field, all of the checksum, and of what lies between,
 * where a field has hundreds, one of every sixteen. What every bit of a model does to its codec, codec-damage.test.ts tries.
 */
function places(seed: number): readonly number[] {
  const random = new Random(seed)
  const { length } = right.bytes
  const between = Math.floor((length - headBytes - checksumBytes) / stride)
  const drawn = Array.from({ length: between }, (_, i) => headBytes + i * stride + random.below(stride))
  const head = Array.from({ length: headBytes }, (_, i) => i)
  const checksum = Array.from({ length: checksumBytes }, (_, i) => length - checksumBytes + i)
  return [...head, ...drawn, ...checksum]
}

function* byteChanged(at: readonly number[], sealedAgain: boolean): Generator<Uint8Array> {
  for (const i of at) {
    const spoilt = Buffer.from(right.bytes)
    spoilt[i] ^= 1 << (i & 7)
    if (sealedAgain) {
      const end = spoilt.length - checksumBytes
      spoilt.writeUInt32BE(crc32c(spoilt.subarray(wireHeaderBytes, end)), end)
    }
    yield spoilt
  }
}

function* cut(lengths: readonly number[]): Generator<Uint8Array> {
  for (const length of lengths) yield right.bytes.subarray(0, length)
}

function* extended(): Generator<Uint8Array> {
  yield Buffer.concat([right.bytes, Buffer.of(0)])
  yield Buffer.concat([right.bytes, right.bytes])
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)
const isRefusal = (code: string) => /^snapshot\.(damaged|foreign|newer_format)$/.test(code)

describe('a follower, given a snapshot', () => {
  test('that is right, starts from it', async () => {
    expect(await refusalsOf([right.bytes])).toEqual({ taken: 1 })
  })

  test('with any one byte changed, refuses it by name once and uses the log', async () => {
    const at = places(1)
    const refusals = await refusalsOf(byteChanged(at, false))
    expect(refusals).toEqual({
      'snapshot.damaged': at.length - wireHeaderBytes,
      'snapshot.foreign': wireHeaderBytes,
    })
  })

  test('with any one byte changed under a checksum that is right, refuses it all the same', async () => {
    const at = places(2)
    const { taken = 0, ...refusals } = await refusalsOf(byteChanged(at, true))
    // Of a changed checksum the right one is made again.
    expect(taken).toBe(checksumBytes)
    expect(Object.keys(refusals).filter((code) => !isRefusal(code))).toEqual([])
    expect(taken + sum(refusals)).toBe(at.length)
  })

  test('cut at any length, refuses it by name once and uses the log', async () => {
    const lengths = places(3)
    expect(await refusalsOf(cut(lengths))).toEqual({ 'snapshot.damaged': lengths.length })
  })

  test('with anything after its end, refuses it by name once and uses the log', async () => {
    expect(await refusalsOf(extended())).toEqual({ 'snapshot.damaged': 2 })
  })
})
