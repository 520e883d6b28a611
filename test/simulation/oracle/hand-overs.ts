/** Whose the outputs of each partition are, as the topic says: held against who wrote them, and what each wrote as a shadow. */
import avsc from 'avsc'
import { fingerprintFromBytes } from '../../../src/core/codec/fingerprint.ts'
import {
  decodePrimary,
  type HandOver,
  isHandOver,
  type Promotion,
} from '../../../src/runtime/primary/primary-record.ts'
import { wireHeaderBytes } from '../../../src/stages/wire-format.ts'
import type { Assignment } from '../../pipeline/harness.ts'
import type { Written } from '../input.ts'
import type { CommittedRecord } from './committed.ts'
import { Violation } from './violation.ts'

export interface HandOverOptions {
  readonly assignmentSchema: string
  /** Fingerprint of each deployment; the first is the primary of what nothing is said about. */
  readonly fingerprints: ReadonlyMap<string, string>
  readonly input: readonly (readonly Written[])[]
}

/** Places of events that have an assignment, by partition, by offset. */
type Places = Map<number, Map<number, string>>

export class HandOvers {
  promotion: Promotion | null = null
  readonly #options: HandOverOptions
  readonly #type: avsc.Type
  readonly #all: HandOver[] = []
  readonly #written: Places = new Map()
  /** By deployment. */
  readonly #shadowed = new Map<string, Places>()

  constructor(options: HandOverOptions) {
    this.#options = options
    this.#type = avsc.Type.forSchema(JSON.parse(options.assignmentSchema))
  }

  get count(): number {
    return this.#all.length
  }

  primaryOf(partition: number): string {
    const [first] = this.#options.fingerprints.keys()
    return this.#all.findLast((of) => of.partition === partition)?.deployment ?? first
  }

  /** A committed record of `primary`. */
  record({ value, offset }: CommittedRecord): void {
    const record = value === null ? null : decodePrimary(value.subarray(wireHeaderBytes))
    if (record === null) throw new Violation(1, `the record ${offset} of primaries must be one`)
    if (!isHandOver(record)) {
      this.promotion = record
      return
    }
    const { partition, previous, fromOffset } = record
    const before = this.#all.findLast((of) => of.partition === partition)
    if (previous !== this.primaryOf(partition) || fromOffset < (before?.fromOffset ?? 0)) {
      const rule = `partition ${partition} must be handed over by ${this.primaryOf(partition)}, at ${before?.fromOffset ?? 0} or behind it`
      throw new Violation(1, `${rule}: it is by ${previous}, at ${fromOffset}`)
    }
    this.#all.push(record)
  }

  /** An assignment that consumers read. */
  written(partition: number, offset: number, fingerprint: string): void {
    placesOf(this.#written, partition).set(offset, fingerprint)
  }

  /** A committed record of a topic of shadows. */
  shadowed(deployment: string, partition: number, record: CommittedRecord): void {
    const assignment = this.#type.fromBuffer(record.value!.subarray(wireHeaderBytes)) as Assignment
    const what = `what ${deployment} says of ${partition}/${assignment.offset} as a shadow`
    if (fingerprintFromBytes(assignment.fingerprint) !== this.#options.fingerprints.get(deployment)) {
      throw new Violation(4, `${what} must carry its fingerprint`)
    }
    const all = this.#shadowed.get(deployment) ?? new Map()
    this.#shadowed.set(deployment, all)
    const places = placesOf(all, partition)
    const last = [...places.keys()].at(-1) ?? -1
    if (assignment.offset <= last) throw new Violation(1, `${what} must come once, in order: ${last} was before it`)
    places.set(assignment.offset, '')
  }

  /** Each output is of the deployment whose it was, and what it did as a shadow and as the primary is everything, once. */
  refuseOthers(): void {
    const [first] = this.#options.fingerprints.keys()
    for (const [partition, places] of this.#written) {
      for (const [offset, fingerprint] of places) {
        const at = this.#all.findLast((of) => of.partition === partition && of.fromOffset <= offset)
        const whose = at?.deployment ?? first
        if (this.#options.fingerprints.get(whose) !== fingerprint) {
          throw new Violation(
            1,
            `the assignment of ${partition}/${offset} must be of ${whose}, by the topic of primaries`,
          )
        }
      }
    }
    if (this.#options.fingerprints.size === 1) return
    for (const [deployment, fingerprint] of this.#options.fingerprints) this.#refuseGaps(deployment, fingerprint)
  }

  #refuseGaps(deployment: string, fingerprint: string): void {
    for (const [partition, events] of this.#options.input.entries()) {
      for (const { offset, isVoid, reason } of events) {
        if (isVoid || reason !== null) continue
        const isPublic = this.#written.get(partition)?.get(offset) === fingerprint
        const isShadow = this.#shadowed.get(deployment)?.get(partition)?.has(offset) ?? false
        if (isPublic !== isShadow) continue
        const found = isPublic ? 'both as the primary and as a shadow' : 'neither as the primary nor as a shadow'
        throw new Violation(1, `${deployment} must have dealt with ${partition}/${offset} once: it has, ${found}`)
      }
    }
  }
}

function placesOf(places: Places, partition: number): Map<number, string> {
  const known = places.get(partition) ?? new Map<number, string>()
  places.set(partition, known)
  return known
}
