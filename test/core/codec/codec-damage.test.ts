/** Promises 5 and 6 of the two codecs: what was written comes back bit for bit, and every damaged form is refused by name. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AvroWriter } from '../../../src/core/codec/avro-writer.ts'
import { commandSeal, decodeCommand, encodeCommand } from '../../../src/core/codec/command-codec.ts'
import { decodeLogRecord } from '../../../src/core/codec/log-record.ts'
import {
  checksumBytes,
  type Decoded,
  decodeModel,
  encodeModel,
  modelFormat,
} from '../../../src/core/codec/model-codec.ts'
import { decodeUpdate, encodeUpdate } from '../../../src/core/codec/update-codec.ts'
import { commandOf } from '../../../src/core/command/command.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { rarityBins } from '../../../src/core/score/rarity.ts'
import { foldRecord } from '../../../src/stages/train.ts'
import { wireHeaderBytes } from '../../../src/stages/wire-format.ts'
import { randomCommand } from '../command/random-commands.ts'
import { randomModel, randomUpdate } from '../model/random-learning.ts'
import { sampleFingerprint } from '../model/sample-model.ts'
import { resealed, resealedAfter } from './resealing.ts'

const readModel = (bytes: Uint8Array) => decodeModel(bytes, sampleFingerprint)

/** A model of two clusters and two columns, and an update of it: small, so that every bit of them can be tried. */
const [smallModel] = fc.sample(randomModel(2, 2), { numRuns: 1, seed: 3 })
const [smallUpdate] = fc.sample(randomUpdate(2, 2), { numRuns: 1, seed: 3 })

const smallCommand = commandOf('rollback', {
  ...{ bornAtMs: 1, reason: 'the amounts were in cents', by: 'Zoë', atMs: 1_760_000_000_000, driftNumber: 3 },
  ...{ targetVersion: 12, target: Uint8Array.of(1, 2, 3, 4, 5) },
})

type Codec = readonly [
  string,
  Uint8Array,
  (bytes: Uint8Array) => Decoded<unknown>,
  (value: never) => Uint8Array,
  /** What its checksum differs by. */
  number,
]
const codecs: readonly Codec[] = [
  ['model', encodeModel(smallModel), readModel, encodeModel, 0],
  ['update', encodeUpdate(smallUpdate), decodeUpdate, encodeUpdate, 0],
  ['command', encodeCommand(smallCommand), decodeCommand, encodeCommand, commandSeal],
]

describe('what was written is read bit for bit:', () => {
  const shapes = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }))

  test('a model', () => {
    fc.assert(
      fc.property(
        shapes.chain(([k, d]) => randomModel(k, d)),
        (model) => {
          const bytes = encodeModel(model)
          const read = readModel(bytes)
          expect(read).toEqual({ value: model })
          expect(Buffer.from(encodeModel((read as { value: Model }).value)).equals(bytes)).toBe(true)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('an update', () => {
    fc.assert(
      fc.property(
        shapes.chain(([k, d]) => randomUpdate(k, d)),
        (update) => {
          const bytes = encodeUpdate(update)
          const read = decodeUpdate(bytes)
          expect(read).toEqual({ value: update })
          if ('value' in read) expect(Buffer.from(encodeUpdate(read.value)).equals(bytes)).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('a command', () => {
    fc.assert(
      fc.property(randomCommand(), (command) => {
        const bytes = encodeCommand(command)
        expect(decodeCommand(bytes)).toEqual({ value: command })
        expect(decodeLogRecord(bytes)).toEqual({ value: { command } })
      }),
      { numRuns: 500 },
    )
  })

  test('an update is no command, nor a command an update, whatever is in them', () => {
    fc.assert(
      fc.property(randomUpdate(2, 2), randomCommand(), (update, command) => {
        expect(decodeLogRecord(encodeUpdate(update))).toEqual({ value: { update } })
        expect(decodeCommand(encodeUpdate(update))).toMatchObject({ refused: 'damaged' })
        expect(decodeUpdate(encodeCommand(command))).toMatchObject({ refused: 'damaged' })
      }),
      { numRuns: 200 },
    )
  })

  test('a record of the log of a newer format, be it update or command, is named so', () => {
    for (const [whole, seal] of [
      [encodeUpdate(smallUpdate), 0],
      [encodeCommand(smallCommand), commandSeal],
    ] as const) {
      const newer = resealedAfter(whole, (body) => void body.writeUInt8(2 * (modelFormat + 1)), seal)
      expect(decodeLogRecord(newer)).toMatchObject({ refused: 'newer_format' })
    }
  })
})

describe.each(codecs)('a damaged %s is refused by name:', (_, whole, read, write, seal) => {
  /** How often each refusal came, over so many damaged forms. */
  const refusals = (forms: number, form: (i: number) => Uint8Array) => {
    const found = new Map<string, number>()
    for (let i = 0; i < forms; i++) {
      const decoded = read(form(i))
      const name = 'refused' in decoded ? decoded.refused : `accepted ${i}`
      found.set(name, (found.get(name) ?? 0) + 1)
    }
    return Object.fromEntries(found)
  }

  test('with any single bit flipped', () => {
    const bits = 8 * whole.length
    const flipped = (bit: number) => {
      const copy = whole.slice()
      copy[bit >> 3] ^= 1 << (bit & 7)
      return copy
    }
    expect(refusals(bits, flipped)).toEqual({ damaged: bits })
  })

  test('cut at any length', () => {
    expect(refusals(whole.length, (length) => whole.subarray(0, length))).toEqual({ damaged: whole.length })
    expect(refusals(whole.length, (from) => whole.subarray(from + 1))).toEqual({ damaged: whole.length })
  })

  test('extended by any byte, by many, or by itself', () => {
    expect(refusals(256, (byte) => Buffer.concat([whole, Buffer.of(byte)]))).toEqual({ damaged: 256 })
    expect(refusals(64, (n) => Buffer.concat([whole, Buffer.alloc(n + 1)]))).toEqual({ damaged: 64 })
    expect(refusals(1, () => Buffer.concat([whole, whole]))).toEqual({ damaged: 1 })
    // Behind its fields, and sealed again.
    const longer = (n: number) =>
      resealed(Buffer.concat([whole.subarray(0, -checksumBytes), Buffer.alloc(n + 1, n)]), seal)
    expect(refusals(64, longer)).toEqual({ damaged: 64 })
  })

  test('with two bytes of it exchanged, or a run of it overwritten', () => {
    const exchanged = (i: number) => {
      const copy = whole.slice()
      const j = i + 1 + (i % 7)
      ;[copy[i], copy[j]] = [copy[j], copy[i]]
      return copy
    }
    const differing = Array.from({ length: whole.length - 8 }, (__, i) => i).filter(
      (i) => whole[i] !== whole[i + 1 + (i % 7)],
    )
    expect(refusals(differing.length, (i) => exchanged(differing[i]))).toEqual({ damaged: differing.length })
    const run = (i: number) => whole.slice().fill(0xa5, i * 5, i * 5 + 4)
    expect(refusals(Math.floor(whole.length / 5), run)).toEqual({ damaged: Math.floor(whole.length / 5) })
  })

  test('of a newer format as that, however much newer; of none as damaged', () => {
    const ofFormat = (format: number) => {
      const writer = new AvroWriter(8)
      writer.int(format)
      return resealed(Buffer.concat([writer.written(), whole.subarray(1, -checksumBytes)]), seal)
    }
    const newer = [modelFormat + 1, modelFormat + 2, 63, 64, 8192, 2 ** 31 - 1]
    expect(refusals(newer.length, (i) => ofFormat(newer[i]))).toEqual({ newer_format: newer.length })
    const none = [0, -1, -64, -(2 ** 31)]
    expect(refusals(none.length, (i) => ofFormat(none[i]))).toEqual({ damaged: none.length })
  })

  test('with any byte after the format changed and sealed again, it is refused, or is sound: it can be written and read', () => {
    let accepted = 0
    for (let at = 1; at < whole.length - checksumBytes; at++) {
      for (const mask of [1, 0xff]) {
        const decoded = read(resealedAfter(whole, (body) => void body.writeUInt8(body[at] ^ mask, at), seal))
        if ('refused' in decoded) continue
        accepted++
        const written = write(decoded.value as never)
        const again = read(written)
        // Byte for byte, which is quicker than field by field, and there are thousands of them.
        if ('refused' in again || !Buffer.from(write(again.value as never)).equals(written))
          expect(again).toEqual(decoded)
      }
    }
    expect(accepted).toBeGreaterThan(0)
  }, 300_000)
})

describe('a claim of size costs no more than the bytes that make it:', () => {
  const claims = [64, 8191, 2 ** 20, 2 ** 31 - 1, 2 ** 45, Number.MAX_SAFE_INTEGER]

  /** The most array memory that reading any of these took, in bytes. */
  function mostTaken(forms: readonly Uint8Array[], read: (bytes: Uint8Array) => unknown): number {
    let most = 0
    for (const bytes of forms) {
      const before = process.memoryUsage().arrayBuffers
      read(bytes)
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
    return most
  }

  /** The record with the number at `at` replaced by each claim. */
  const claiming = (whole: Uint8Array, at: number, seal: number) =>
    claims.map((claim) => {
      const writer = new AvroWriter(16)
      writer.long(claim)
      return resealed(
        Buffer.concat([whole.subarray(0, at), writer.written(), whole.subarray(at + 1, -checksumBytes)]),
        seal,
      )
    })

  test.each(codecs)('in a %s, wherever it stands', (_, whole, read, __, seal) => {
    const end = Math.min(whole.length - checksumBytes, 400)
    const forms = Array.from({ length: end - 1 }, (___, i) => claiming(whole, i + 1, seal)).flat()
    expect(mostTaken(forms, read)).toBeLessThanOrEqual(16 * whole.length + 8 * rarityBins + 4096)
  })

  test('columns and clusters that are claimed together', () => {
    const writer = new AvroWriter(64)
    writer.int(modelFormat)
    writer.fixed(Buffer.from(sampleFingerprint, 'hex'))
    for (const n of [1, 1]) writer.long(n)
    writer.int(65_536)
    writer.double(1)
    writer.double(1)
    for (const n of [0, 0, 0, 0]) writer.long(n)
    for (const clusters of [[], [3], [2 ** 40]]) {
      const body = Buffer.concat([writer.written(), ...clusters.map((n) => longOf(n)), Buffer.alloc(100)])
      expect(mostTaken([resealed(body)], readModel)).toBeLessThanOrEqual(4096)
      expect(readModel(resealed(body))).toMatchObject({ refused: 'damaged' })
    }
  })

  function longOf(n: number): Uint8Array {
    const writer = new AvroWriter(16)
    writer.long(n)
    return writer.written()
  }
})

describe('a sealed record of a stranger', () => {
  test('leaves the model finite and as it can be written, whatever it says', () => {
    const anUpdate = randomUpdate(3, 2).map((update) => [encodeUpdate(update), 0] as const)
    const aCommand = randomCommand(randomModel(3, 2).map(encodeModel)).map(
      (command) => [encodeCommand(command), commandSeal] as const,
    )
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(
        randomModel(3, 2),
        fc.array(fc.tuple(fc.oneof(anUpdate, aCommand), changes), { maxLength: 6 }),
        (model, records) => {
          for (const [[record, seal], changed] of records) {
            const bytes = resealedAfter(
              record,
              (body) => {
                for (const [at, byte] of changed) body[at % body.length] = byte
              },
              seal,
            )
            foldRecord(model, Buffer.concat([Buffer.alloc(wireHeaderBytes), bytes]), model.nextUpdateOffset)
          }
          expect(readModel(encodeModel(model))).toEqual({ value: model })
        },
      ),
      { numRuns: 2000 },
    )
  }, 120_000)
})
