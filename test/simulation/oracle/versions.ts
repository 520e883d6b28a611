/** The model made anew, one record after the other, and every committed version beside it. */

import { decodeLogRecord } from '../../../src/core/codec/log-record.ts'
import { decodeModel, encodeModel } from '../../../src/core/codec/model-codec.ts'
import { type Command, policy } from '../../../src/core/command/command.ts'
import type { ReactionPolicy } from '../../../src/core/command/reactions.ts'
import { fences } from '../../../src/core/model/fences.ts'
import type { Model } from '../../../src/core/model/model.ts'
import type { ModelUpdate } from '../../../src/core/model/update.ts'
import { freeze, type Scorer } from '../../../src/core/score/scorer.ts'
import { foldRecord } from '../../../src/stages/train.ts'
import { wireHeaderBytes } from '../../../src/stages/wire-format.ts'
import type { CommittedRecord } from './committed.ts'
import { Violation } from './violation.ts'

/** A committed version, as the log has it and as whoever scores by it needs it. */
export interface Version {
  readonly version: number
  readonly offset: number
  readonly bytes: Buffer
  readonly scorer: Scorer
  readonly bounds: ReturnType<typeof fences>
}

export class Versions {
  readonly #fingerprint: string
  /** Updates and commands, as the log has them. */
  readonly #records: { readonly value: Uint8Array; readonly offset: number }[] = []
  /** How far each partition's events have been learned. */
  readonly #coveredTo = new Map<number, number>()
  readonly #reactedTo = new Set<number>()
  readonly #published = new Map<number, Version>()
  readonly #forgottenOnes = new Set<number>()
  readonly #byOffset = new Map<number, Version>()
  /** The fold; null before the birth. */
  #model: Model | null = null
  #newest: Version | null = null

  constructor(fingerprint: string) {
    this.#fingerprint = fingerprint
  }

  get newest(): Version | null {
    return this.#newest
  }

  get updates(): number {
    return this.#records.length
  }

  /** The offset after the last update. */
  get updatesEnd(): number {
    return (this.#records.at(-1)?.offset ?? -1) + 1
  }

  get published(): number {
    return this.#published.size
  }

  version(version: number): Version | undefined {
    return this.#published.get(version)
  }

  /** Versions of which no tombstone has come, oldest first. */
  kept(): readonly Version[] {
    return [...this.#published.values()].filter(({ version }) => !this.#forgottenOnes.has(version))
  }

  /** Commands of people that the newest version remembers to have obeyed. */
  get obeyed(): number {
    const deeds = this.#newest?.scorer.model.control.deeds ?? []
    return deeds.filter(({ by, refused }) => by !== policy && refused === '').length
  }

  at(offset: number): Version | undefined {
    return this.#byOffset.get(offset)
  }

  /** The newest version with another birth, number and mean: of a model that this log has not. */
  forged(bornAtMs: number, version: number): Buffer {
    const newest = this.#newest!
    const model = { ...this.#decoded(newest.bytes), bornAtMs, version }
    model.clusters.mean[0] += 1
    return Buffer.concat([newest.bytes.subarray(0, wireHeaderBytes), encodeModel(model)])
  }

  /** A committed record of `model-updates`: an update, or a command. */
  update(record: CommittedRecord): void {
    const value = record.value ?? Buffer.alloc(0)
    const decoded = decodeLogRecord(value.subarray(wireHeaderBytes))
    if ('refused' in decoded) throw new Violation(3, `the update at ${record.offset} must be one: ${decoded.detail}`)
    this.#records.push({ value: Uint8Array.from(value), offset: record.offset })
    if ('command' in decoded.value) this.#command(decoded.value.command, record.offset)
    else this.#taught(decoded.value.update, record)
  }

  /** Events teach once. */
  #taught({ ranges }: ModelUpdate, record: CommittedRecord): void {
    for (const { partition, from, to } of ranges) {
      const covered = this.#coveredTo.get(partition) ?? 0
      if (from < covered || to < from) {
        const rule = `an update must teach events once: that at ${record.offset} has [${from}, ${to}) of partition ${partition}`
        throw new Violation(1, `${rule}, and those before ${covered} were in another`)
      }
      this.#coveredTo.set(partition, to)
    }
  }

  /** Policy reacts once to a drift. */
  #command({ by, driftNumber, kind }: Command, offset: number): void {
    if (by !== policy || kind === 'resume') return
    if (this.#reactedTo.has(driftNumber)) {
      throw new Violation(3, `drift ${driftNumber} must be reacted to once: ${kind} at ${offset} is the second time`)
    }
    this.#reactedTo.add(driftNumber)
  }

  /** Every drift that the newest version knows of must have been reacted to, where there is something to be done. */
  refuseUnanswered({ of }: ReactionPolicy): void {
    for (const { number, kind } of this.#newest?.scorer.model.drift.findings ?? []) {
      if (kind === 'cleared' || of[kind] === 'tell' || this.#reactedTo.has(number)) continue
      throw new Violation(3, `drift ${number}, which is ${kind}, must have been reacted to`)
    }
  }

  /** Drifts that policy has reacted to. */
  get reactions(): number {
    return this.#reactedTo.size
  }

  /** A committed record of `models`. */
  model(record: CommittedRecord): void {
    const version = Number(record.key?.toString('latin1'))
    if (record.value === null) this.#forgotten(version, record.offset)
    else this.#committed(version, record.offset, Buffer.from(record.value))
  }

  #committed(version: number, offset: number, bytes: Buffer): void {
    if (version !== 1 && this.#model === null) throw new Violation(3, `the first version must be 1: got ${version}`)
    if (version === 1 && this.#model !== null)
      throw new Violation(3, `a model is born at ${offset} though there is one`)
    const committed = this.#decoded(bytes)
    const wrong = notFinite(committed)
    if (wrong !== null) throw new Violation(5, `version ${version} must be finite: ${wrong}`)
    if (this.#newest !== null && version <= this.#newest.version) {
      throw new Violation(3, `version ${version} is committed after version ${this.#newest.version}`)
    }
    // A copy: what it is folded into is not what this version said.
    this.#model ??= this.#decoded(bytes)
    const expected = this.#foldedTo(version)
    const isSame = bytes.subarray(wireHeaderBytes).equals(encodeModel(expected))
    if (!isSame)
      throw new Violation(3, `version ${version} at ${offset} must be the fold of the first ${version - 1} updates`)
    const scorer = freeze(committed)
    this.#newest = { version, offset, bytes, scorer, bounds: fences(committed) }
    this.#published.set(version, this.#newest)
    this.#byOffset.set(offset, this.#newest)
  }

  #foldedTo(version: number): Model {
    const model = this.#model!
    while (model.version < version) {
      const next = this.#records[model.version - 1]
      if (next === undefined) {
        const rule = `version ${version} must be made of ${version - 1} updates`
        throw new Violation(3, `${rule}: ${this.#records.length} are committed`)
      }
      foldRecord(model, next.value, next.offset)
    }
    return model
  }

  #forgotten(version: number, offset: number): void {
    const rule = `the tombstone at ${offset} must not be of version ${version}`
    if (version === 1) throw new Violation(4, `${rule}: all others are rebuilt from it`)
    if (version === this.#newest?.version) throw new Violation(4, `${rule}: it is the newest`)
    if (this.#newest?.scorer.model.control.pinned.includes(version)) throw new Violation(4, `${rule}: it is pinned`)
    this.#forgottenOnes.add(version)
  }

  #decoded(bytes: Buffer): Model {
    const decoded = decodeModel(bytes.subarray(wireHeaderBytes), this.#fingerprint)
    if ('refused' in decoded) throw new Violation(3, `a committed version must be whole: ${decoded.detail}`)
    return decoded.value
  }
}

function notFinite({ clusters, whole, floor, rarity }: Model): string | null {
  const arrays = { ...named('clusters', clusters), ...named('whole', whole), floor, bins: rarity.bins }
  for (const [name, values] of Object.entries(arrays)) {
    if (!values.every(Number.isFinite)) return `${name} is ${values.find((value) => !Number.isFinite(value))}`
  }
  return Number.isFinite(rarity.weight) ? null : `the weight of the rarities is ${rarity.weight}`
}

function named(name: string, { weight, mean, m2 }: Model['clusters']): Readonly<Record<string, Float64Array>> {
  return { [`${name}.weight`]: weight, [`${name}.mean`]: mean, [`${name}.m2`]: m2 }
}
