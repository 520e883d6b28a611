/** Profiles from the records of their topic: profile-writer.ts. */
import type { AvroReader } from '../codec/avro-reader.ts'
import { fingerprintBytes, fingerprintFromBytes, fingerprintToBytes } from '../codec/fingerprint.ts'
import { checksumBytes, type Decoded, open, type Refusal } from '../codec/model-codec.ts'
import { type EntityPlan, MomentCell, NoveltyCell, PopulationCell, PositionCell, ProfileCell } from './profile-plan.ts'
import { keySeparator } from './profile-writer.ts'
import type { EntityProfiles, Profiles } from './profiles.ts'

/** What a record did: it was taken, it is of a field that no feature profiles, or it was refused. */
export type ProfileRecordOutcome = 'taken' | 'unknown' | { readonly refused: Refusal; readonly detail: string }

interface Kind {
  readonly name: Uint8Array
  readonly layout: Uint8Array
  readonly entity: EntityProfiles
}

/** Takes the committed records of one partition into its profiles (OUT), in their order. */
export class ProfileReader {
  private readonly kinds: readonly Kind[]

  constructor(profiles: Profiles) {
    const encoder = new TextEncoder()
    this.kinds = profiles.entities.map((entity) => {
      const { field, layout } = entity.plan
      return { name: encoder.encode(field), layout: fingerprintToBytes(layout), entity }
    })
  }

  /**
   * One record; `value` without the header of the registry, null when the profile was given up. Of one that is refused its
   * entity begins anew: what it had before is older than what others have seen of it.
   */
  take(key: Uint8Array, value: Uint8Array | null): ProfileRecordOutcome {
    const end = key.indexOf(keySeparator)
    const length = end < 0 ? key.length : end
    const kind = this.kinds.find(({ name }) => isSame(name, key, length))
    if (kind === undefined) return 'unknown'
    if (end < 0) return value === null ? 'unknown' : takePopulation(kind, value)
    const { entity } = kind
    const read = value === null ? null : readRecord(value, kind, entity.plan.cells, entity.plan.sketches)
    if (read === null || 'refused' in read || !isSound(entity.plan, read.value.numbers)) {
      entity.table.remove(key, end + 1, key.length - end - 1)
      return read === null ? 'taken' : 'refused' in read ? read : unsound
    }
    const { numbers, sketches } = read.value
    const { table, plan } = entity
    const slot = table.restore(key, end + 1, key.length - end - 1)
    table.values.set(numbers, slot * plan.cells)
    const view = new DataView(sketches.buffer, sketches.byteOffset)
    for (let w = 0; w < table.words; w++) table.sketches[slot * table.words + w] = view.getUint32(4 * w, true)
    return 'taken'
  }

  /** All has been taken: which profile was seen last is what their events say, not the topic's order. */
  finish(): void {
    for (const { entity } of this.kinds) entity.table.orderBy(ProfileCell.offset)
  }
}

const unsound = { refused: 'damaged', detail: 'its numbers must be what events can give' } as const

function takePopulation(kind: Kind, value: Uint8Array): ProfileRecordOutcome {
  const { plan, population } = kind.entity
  const read = readRecord(value, kind, population.length, 0)
  if ('refused' in read) return read
  if (!isSoundPopulation(plan, read.value.numbers)) return unsound
  population.set(read.value.numbers)
  return 'taken'
}

interface ReadRecord {
  readonly numbers: Float64Array
  readonly sketches: Uint8Array
}

function readRecord(value: Uint8Array, kind: Kind, count: number, sketchCount: number): Decoded<ReadRecord> {
  const opened = open(value)
  if ('refused' in opened) return opened
  const reader: AvroReader = opened.value
  const made = reader.fixed(fingerprintBytes)
  if (!isSame(kind.layout, made, made.length)) {
    const detail = `its layout is ${fingerprintFromBytes(made)}, not ${kind.entity.plan.layout}`
    return { refused: 'foreign', detail }
  }
  // The key says the same: this is for whoever reads the topic.
  reader.bytes()
  reader.long()
  const numbers = reader.doubles(count)
  const sketches = reader.bytes()
  reader.fixed(checksumBytes)
  if (!reader.complete || sketches.length !== 8 * sketchCount) {
    return { refused: 'damaged', detail: 'its fields do not fit its schema' }
  }
  return { value: { numbers, sketches } }
}

function isSame(name: Uint8Array, key: Uint8Array, length: number): boolean {
  if (name.length !== length) return false
  for (let i = 0; i < length; i++) if (name[i] !== key[i]) return false
  return true
}

const most = 1e300
const isCount = (x: number) => x >= 0 && x < most
/** Larger than the logarithm of any value that enters. */
const mostLogarithm = 300

/** Whether events can have given these numbers: any other could bring infinity, and then NaN. */
function isSound(plan: EntityPlan, numbers: Float64Array): boolean {
  for (let i = 0; i < numbers.length; i++) if (!(Math.abs(numbers[i]) < most)) return false
  if (!isCount(numbers[ProfileCell.events])) return false
  for (const { cell } of plan.moments) {
    const isMoment = isCount(numbers[cell + MomentCell.weight]) && isCount(numbers[cell + MomentCell.m2])
    if (!isMoment || !isCount(numbers[cell + MomentCell.unrest])) return false
  }
  for (const { cell } of plan.positions) {
    const isPlace = Math.abs(numbers[cell + PositionCell.latitude]) <= 90
    if (!isPlace || !(Math.abs(numbers[cell + PositionCell.longitude]) <= 180)) return false
  }
  for (const { cell } of plan.windows) if (!isCount(numbers[cell])) return false
  return true
}

function isSoundPopulation(plan: EntityPlan, numbers: Float64Array): boolean {
  for (const { population } of plan.moments) {
    const counts = [PopulationCell.weight, PopulationCell.spread, PopulationCell.withinWeight, PopulationCell.within]
    if (!counts.every((each) => isCount(numbers[population + each]))) return false
    const size = numbers[population + PopulationCell.size]
    if (!(size >= 0 && size < mostLogarithm && Math.abs(numbers[population + PopulationCell.level]) < mostLogarithm)) {
      return false
    }
  }
  return plan.novelties.every(({ population }) => {
    return isCount(numbers[population + NoveltyCell.weight]) && isCount(numbers[population + NoveltyCell.share])
  })
}
