/** Events judged as if each came next: they meet copies of their entities' profiles, and nothing of what is kept changes. */
import { type FieldColumns, FieldKind } from '../fields/fields.ts'
import { writeNumericTexts } from '../fields/numeric-text.ts'
import { ProfileCell, type ProfilePlan } from './profile-plan.ts'
import type { ProfileTable } from './profile-table.ts'
import { type ProfileLimits, Profiles } from './profiles.ts'

/** One event meets one profile of a kind. */
const onlyOne: ProfileLimits = { limit: 1, key: null }

export class Glimpse {
  /** Of the last event: the kinds of entity (by field) of which a profile was there. */
  found: readonly string[] = []
  private readonly plan: ProfilePlan
  private readonly held: readonly Profiles[]

  /** `held`: the profiles of the partitions that are at hand. */
  constructor(plan: ProfilePlan, held: readonly Profiles[]) {
    this.plan = plan
    this.held = held
  }

  /** As `Profiles.meet`, for one event. */
  readonly meet: Profiles['meet'] = (fields, firstTarget, bytes, count, times, records) => {
    if (count !== 1) throw new RangeError(`a glimpse must be of one event: got ${count}`)
    const copy = new Profiles(this.plan, onlyOne)
    this.found = copy.entities.filter((_, kind) => this.copied(kind, copy, fields, bytes)).map(({ plan }) => plan.field)
    copy.meet(fields, firstTarget, bytes, count, times, records)
  }

  /** Copies the event's profile of a kind; false: there is none. */
  private copied(kind: number, copy: Profiles, fields: FieldColumns, bytes: Uint8Array): boolean {
    const { plan, table, population } = copy.entities[kind]
    writeNumericTexts(fields, plan.slot, 1)
    if (fields.reason[0] !== 0 || fields.kind[plan.slot] === FieldKind.missing) return false
    const source = fields.kind[plan.slot] === FieldKind.text ? bytes : fields.arena
    const [start, length] = [fields.start[plan.slot], fields.length[plan.slot]]
    const newest = newestOf(this.held, kind, source, start, length)
    // What is usual of the population is known also of an entity that is new: which partition it will come to is not.
    const from = newest?.profiles ?? this.held.at(0)
    if (from !== undefined) population.set(from.entities[kind].population)
    if (newest === null) return false
    copyProfile(newest.profiles.entities[kind].table, newest.slot, table, table.touch(source, start, length))
    return true
  }
}

/** Of an entity whose events have come to several partitions, the profile that met the newest. */
export function newestOf(
  held: readonly Profiles[],
  kind: number,
  source: Uint8Array,
  start: number,
  length: number,
): { readonly profiles: Profiles; readonly slot: number } | null {
  let newest: { readonly profiles: Profiles; readonly slot: number } | null = null
  let newestMs = Number.NEGATIVE_INFINITY
  for (const profiles of held) {
    const { table } = profiles.entities[kind]
    const slot = table.find(source, start, length)
    if (slot < 0) continue
    const timeMs = table.values[slot * table.cells + ProfileCell.timeMs]
    if (newest !== null && timeMs <= newestMs) continue
    newest = { profiles, slot }
    newestMs = timeMs
  }
  return newest
}

function copyProfile(from: ProfileTable, source: number, to: ProfileTable, target: number): void {
  to.values.set(from.values.subarray(source * from.cells, (source + 1) * from.cells), target * to.cells)
  to.sketches.set(from.sketches.subarray(source * from.words, (source + 1) * from.words), target * to.words)
}
