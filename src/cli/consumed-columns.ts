/** What `shoal consume` shows of each output topic, in columns. */

import { ProfileCell } from '../core/profiles/profile-plan.ts'
import { deadLetterHeaders } from '../stages/dead-letter.ts'
import type { Column } from './output.ts'

/** One record, decoded. */
export interface ConsumedRecord {
  readonly at: { readonly partition: number; readonly offset: number; readonly timestampMs: number }
  readonly key: string | null
  /** The decoded value; of a dead letter its size in bytes, because it may be anything; null: a tombstone. */
  readonly value: unknown
  readonly headers: Readonly<Record<string, string | null>>
}

export const consumable = ['assignments', 'anomalies', 'dead-letters', 'drift-events', 'models', 'profiles'] as const
export type Consumable = (typeof consumable)[number]

const left = (title: string, width: number, text: (of: ConsumedRecord) => string): Column<ConsumedRecord> => ({
  title,
  width,
  align: 'left',
  text,
})
const right = (title: string, width: number, text: (of: ConsumedRecord) => string): Column<ConsumedRecord> => ({
  title,
  width,
  align: 'right',
  text,
})

const field = (of: ConsumedRecord, name: string): unknown => (of.value as Record<string, unknown> | null)?.[name]
const plain = (name: string) => (of: ConsumedRecord) => String(field(of, name) ?? '')
const decimal = (name: string, places: number) => (of: ConsumedRecord) => {
  const value = field(of, name)
  return typeof value === 'number' ? value.toFixed(places) : ''
}
const item = (name: string, index: number) => (of: ConsumedRecord) =>
  (field(of, name) as readonly number[] | undefined)?.[index]
const header = (name: string) => (of: ConsumedRecord) => of.headers[name] ?? ''

const judged = [
  left('event', 24, plain('eventId')),
  right('cluster', 7, plain('cluster')),
  right('distance', 9, decimal('distance', 3)),
  right('score', 8, decimal('score', 5)),
  right('remote', 8, decimal('remoteness', 2)),
  right('model', 8, plain('modelVersion')),
]

export const consumedColumns: { readonly [T in Consumable]: readonly Column<ConsumedRecord>[] } = {
  assignments: [...judged, right('from', 14, (of) => `${field(of, 'partition')}/${field(of, 'offset')}`)],
  anomalies: [...judged, left('why', 0, why)],
  'dead-letters': [
    left('reason', 18, header(deadLetterHeaders.reason)),
    right('from', 14, (of) => `${header(deadLetterHeaders.partition)(of)}/${header(deadLetterHeaders.offset)(of)}`),
    left('key', 16, (of) => of.key ?? ''),
    right('bytes', 8, (of) => (of.value === null ? 'null' : String(field(of, 'bytes')))),
    left('message', 0, header(deadLetterHeaders.message)),
  ],
  'drift-events': [
    left('detected', 24, (of) => new Date(Number(field(of, 'detectedAt') ?? 0)).toISOString()),
    left('kind', 16, plain('kind')),
    left('scope', 16, plain('scope')),
    left('message', 0, plain('message')),
  ],
  models: [
    right('version', 8, plain('version')),
    left('published', 24, (of) => new Date(of.at.timestampMs).toISOString()),
    left('key', 10, (of) => of.key ?? ''),
    right('clusters', 8, (of) => String((field(of, 'clusters') as readonly unknown[] | undefined)?.length ?? '')),
    right('trained on', 12, plain('trainedEvents')),
    left('', 0, (of) => (of.value === null ? 'forgotten' : '')),
  ],
  profiles: [
    left('of', 16, (of) => (of.key ?? '').split(keySeparator)[0]),
    left('entity', 24, (of) => (of.key ?? '').split(keySeparator)[1] ?? 'all of them'),
    right('events', 9, (of) => (isOfOne(of) ? String(item('values', ProfileCell.events)(of) ?? '') : '')),
    left('newest', 24, (of) => (isOfOne(of) ? dateText(item('values', ProfileCell.timeMs)(of)) : '')),
    right('from', 14, (of) => (isOfOne(of) ? `${of.at.partition}/${field(of, 'offset') ?? ''}` : '')),
    left('', 0, (of) => (of.value === null ? 'given up' : '')),
  ],
}

const keySeparator = '\0'
const isOfOne = (of: ConsumedRecord): boolean => of.value !== null && (of.key ?? '').includes(keySeparator)

/** A producer's date may be any number. */
function dateText(ms: number | undefined): string {
  const date = new Date(ms ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}

/** `amount 812 (usual 31, 64 %), …` */
function why(of: ConsumedRecord): string {
  const contributions = field(of, 'contributions')
  if (!Array.isArray(contributions)) return ''
  return contributions
    .map(
      ({ feature, value, expected, share }) =>
        `${feature} ${short(value)} (usual ${short(expected)}, ${percent(share)})`,
    )
    .join(', ')
}

function short(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(4)))
  return value === null || value === undefined ? 'none' : String(value)
}

function percent(share: unknown): string {
  return `${Math.round(Number(share) * 100)} %`
}
