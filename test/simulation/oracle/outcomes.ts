/** What became of the events: each committed record beside the event that must be next. */
import avsc from 'avsc'
import { fingerprintFromBytes } from '../../../src/core/codec/fingerprint.ts'
import type { FeaturePlan } from '../../../src/core/features/feature-plan.ts'
import { idSlot } from '../../../src/core/features/feature-plan.ts'
import { vectorise } from '../../../src/core/features/vectorise.ts'
import { FieldColumns, FieldKind } from '../../../src/core/fields/fields.ts'
import type { ProfileLimits } from '../../../src/core/profiles/profiles.ts'
import { emptyScores, score } from '../../../src/core/score/scorer.ts'
import { deadLetterHeaders } from '../../../src/stages/dead-letter.ts'
import { wireHeaderBytes } from '../../../src/stages/wire-format.ts'
import type { Assignment } from '../../pipeline/harness.ts'
import type { Written } from '../input.ts'
import type { CommittedRecord } from './committed.ts'
import { noteProfile, type ProfilesByKey, TrueProfiles } from './true-profiles.ts'
import type { Version, Versions } from './versions.ts'
import { Violation } from './violation.ts'

export interface OutcomeOptions {
  readonly plan: FeaturePlan
  readonly topic: string
  readonly profiles: ProfileLimits
  /** Of the deployment whose fingerprint it is; null: of none. */
  readonly versionsOf: (fingerprint: string) => Versions | null
  /** Told of each assignment. */
  readonly onAssigned: (partition: number, offset: number, fingerprint: string) => void
  readonly assignmentSchema: string
  readonly anomalySchema: string
  /** The input by partition, by offset; it grows. */
  readonly input: readonly (readonly Written[])[]
}

/** Where the next outcome of each kind is looked for, by partition. */
type Cursors = Map<number, number>

export class Outcomes {
  assignments = 0
  deadLetters = 0
  anomalies = 0
  readonly #options: OutcomeOptions
  readonly #type: avsc.Type
  readonly #anomalyType: avsc.Type
  readonly #cursors: { readonly assigned: Cursors; readonly dead: Cursors } = { assigned: new Map(), dead: new Map() }
  /** Offsets of events that must have an anomaly, and of those that have one, by partition, as far as not compared. */
  readonly #unusual = new Map<number, { readonly due: number[]; readonly found: number[] }>()
  readonly #scores = emptyScores(1)
  readonly #eventOf = new Int32Array(1)
  readonly #row: Float64Array
  readonly #fields: FieldColumns
  /** Those of the events whose assignments were taken; null: no feature asks for any. */
  readonly #profiles: TrueProfiles | null
  /** By deployment. */
  readonly #foundProfiles = new Map<string, ProfilesByKey>()

  constructor(options: OutcomeOptions) {
    this.#options = options
    this.#type = avsc.Type.forSchema(JSON.parse(options.assignmentSchema))
    this.#anomalyType = avsc.Type.forSchema(JSON.parse(options.anomalySchema))
    this.#row = new Float64Array(options.plan.columns.length)
    this.#fields = new FieldColumns(1, options.plan.slots)
    const { plan, profiles } = options
    this.#profiles = plan.profiles === null ? null : new TrueProfiles(plan.profiles, profiles)
  }

  /** A committed record of `assignments`. */
  assignment(partition: number, record: CommittedRecord): void {
    if (record.value === null) throw new Violation(1, `an assignment must have a value: ${partition}/${record.offset}`)
    const assignment = this.#type.fromBuffer(record.value.subarray(wireHeaderBytes)) as Assignment
    const event = this.#next('assigned', partition, assignment.offset, (reason) => reason === null)
    this.assignments++
    const what = `the assignment of ${partition}/${event.offset}`
    sameOrigin(what, event, record)
    if (assignment.eventId !== event.id || assignment.partition !== partition) {
      throw new Violation(1, `${what} must name ${event.id}: it names ${assignment.eventId}`)
    }
    const fingerprint = fingerprintFromBytes(assignment.fingerprint)
    const versions = this.#options.versionsOf(fingerprint)
    if (versions === null) throw new Violation(4, `${what} must carry the fingerprint of a configuration`)
    this.#options.onAssigned(partition, event.offset, fingerprint)
    this.#recompute(what, event, assignment, versions)
  }

  /** A committed record of `dead-letters`. */
  deadLetter(partition: number, record: CommittedRecord): void {
    const header = (name: string) =>
      Buffer.from(record.headers.find((each) => each.name === name)?.value ?? []).toString()
    const offset = Number(header(deadLetterHeaders.offset))
    const event = this.#next('dead', partition, offset, (reason) => reason !== null)
    this.deadLetters++
    const what = `the dead letter of ${partition}/${event.offset}`
    sameOrigin(what, event, record)
    const isSame = event.value === null ? record.value === null : record.value?.equals(event.value) === true
    if (!isSame) throw new Violation(1, `${what} must hold the event's own bytes`)
    if (header(deadLetterHeaders.reason) !== event.reason) {
      throw new Violation(1, `${what} must say ${event.reason}: it says ${header(deadLetterHeaders.reason)}`)
    }
    if (
      header(deadLetterHeaders.topic) !== this.#options.topic ||
      header(deadLetterHeaders.partition) !== `${partition}`
    ) {
      throw new Violation(1, `${what} must name its source`)
    }
    if (event.header !== null && header('note') !== event.header)
      throw new Violation(1, `${what} must keep the headers`)
  }

  /** A committed record of `anomalies`, which may be visible before the assignment of the same event, or after it. */
  anomaly(partition: number, record: CommittedRecord): void {
    this.anomalies++
    const { offset } = this.#anomalyType.fromBuffer(record.value!.subarray(wireHeaderBytes)) as { offset: number }
    const event = this.#options.input[partition]?.find((each) => each.offset === offset)
    if (event === undefined) throw new Violation(1, `the anomaly ${partition}/${record.offset} must be of an event`)
    sameOrigin(`the anomaly of ${partition}/${offset}`, event, record)
    this.#compareUnusual(partition, 'found', offset)
  }

  /** A committed record of `profiles`. */
  profile(deployment: string, partition: number, { key, value }: CommittedRecord): void {
    const found = this.#foundProfiles.get(deployment) ?? {}
    this.#foundProfiles.set(deployment, found)
    noteProfile(found, partition, key, value)
  }

  /** Everything has its outcome. */
  refuseMissing(): void {
    for (const [partition, { due, found }] of this.#unusual) {
      if (due.length > 0) throw new Violation(1, `the anomaly of ${partition}/${due[0]} must be there`)
      if (found.length > 0) throw new Violation(1, `the anomaly of ${partition}/${found[0]} is of a usual event`)
    }
    this.#refuseOtherProfiles()
  }

  /** The topics hold what the events make, in their order, each once. */
  #refuseOtherProfiles(): void {
    const [some] = [...this.#foundProfiles.values()].flatMap((found) => Object.values(found))
    if (this.#profiles === null || some === undefined) return
    const due = this.#profiles.byKey(Buffer.from(some, 'base64').readInt32BE(1))
    for (const found of this.#foundProfiles.values()) {
      for (const key of new Set([...Object.keys(due), ...Object.keys(found)])) {
        if (due[key] === found[key]) continue
        throw new Violation(1, `the profile ${JSON.stringify(key)} must be ${due[key]}: it is ${found[key]}`)
      }
    }
  }

  #compareUnusual(partition: number, kind: 'due' | 'found', offset: number): void {
    const unusual = this.#unusual.get(partition) ?? { due: [], found: [] }
    this.#unusual.set(partition, unusual)
    unusual[kind].push(offset)
    if (unusual.due.length === 0 || unusual.found.length === 0) return
    const [due, found] = [unusual.due.shift(), unusual.found.shift()]
    if (due !== found)
      throw new Violation(1, `the anomaly of ${partition}/${due} is due: found is that of ${partition}/${found}`)
  }

  /** The event that is due; refuses a record of any other. */
  #next(
    kind: 'assigned' | 'dead',
    partition: number,
    offset: number,
    isMeant: (reason: string | null) => boolean,
  ): Written {
    const cursors = this.#cursors[kind]
    const events = this.#options.input[partition] ?? []
    let at = cursors.get(partition) ?? 0
    while (at < events.length && (events[at].isVoid || !isMeant(events[at].reason))) at++
    cursors.set(partition, at + 1)
    const due = events[at]
    const what = kind === 'assigned' ? 'assignment' : 'dead letter'
    if (due === undefined || offset < due.offset) {
      throw new Violation(
        1,
        `twice, or of no such event: the ${what} of ${partition}/${offset} is committed where ${due === undefined ? 'none' : `that of ${due.offset}`} is due`,
      )
    }
    if (offset > due.offset) {
      throw new Violation(
        1,
        `lost or out of order: the ${what} of ${partition}/${offset} is committed before that of ${partition}/${due.offset}`,
      )
    }
    return due
  }

  #recompute(what: string, event: Written, committed: Assignment, versions: Versions): void {
    const version = versions.version(committed.modelVersion)
    if (version === undefined)
      throw new Violation(4, `${what} must name a committed version: it names ${committed.modelVersion}`)
    if (!Number.isFinite(committed.distance) || !Number.isFinite(committed.score)) {
      throw new Violation(5, `${what} must be finite: distance ${committed.distance}, score ${committed.score}`)
    }
    const scores = this.#score(event, version)
    const cluster = version.scorer.model.ids[scores.labels[0]]
    const again = { cluster, distance: scores.distances[0], score: 1 - scores.rarities[0] }
    if (
      again.cluster !== committed.cluster ||
      again.distance !== committed.distance ||
      again.score !== committed.score
    ) {
      const { cluster, distance, score } = committed
      throw new Violation(
        4,
        `${what} must be ${JSON.stringify(again)} by version ${version.version}: it is ${JSON.stringify({ cluster, distance, score })}`,
      )
    }
    if (scores.rarities[0] <= version.scorer.model.control.budget)
      this.#compareUnusual(event.partition, 'due', event.offset)
  }

  #score(event: Written, { scorer, bounds }: Version) {
    const { plan } = this.#options
    const fields = this.#fields
    const bytes = Buffer.from(event.id + event.who)
    fields.kind.fill(FieldKind.missing)
    const text = (slot: number, start: number, { length }: string) => {
      fields.kind[slot] = FieldKind.text
      fields.start[slot] = start
      fields.length[slot] = length
    }
    text(idSlot, 0, event.id)
    for (const [slot, { path }] of plan.fields.entries()) {
      if (path === 'who') text(slot, event.id.length, event.who)
      if (!path.startsWith('x')) continue
      fields.kind[slot] = FieldKind.number
      fields.number[slot] = event.row[Number(path.slice(1))]
    }
    const records = {
      ...{ from: 0, bytes, offset: Float64Array.of(event.offset), timestamp: Float64Array.of(event.timestamp) },
      ...{ keyStart: Int32Array.of(0), keyLength: Int32Array.of(-1) },
    }
    const profiled = this.#profiles === null ? null : { profiles: this.#profiles.of(event.partition), records }
    const { valid } = vectorise(plan, fields, bytes, 1, bounds, this.#row, this.#eventOf, profiled)
    if (valid !== 1) throw new Error(`the simulator took ${event.id} for a valid event`)
    score(scorer, this.#row, 1, this.#scores)
    return this.#scores
  }
}

/** Key and timestamp are the event's own. */
function sameOrigin(what: string, event: Written, { key, timestamp }: CommittedRecord): void {
  const hasKey = event.key === null ? key === null : key?.equals(event.key) === true
  if (!hasKey || timestamp !== event.timestamp)
    throw new Violation(1, `${what} must have the event's key and timestamp`)
}
