/** A record of `drift-events`, encoded as schemas/drift-event.avsc has it. */
import { AvroWriter } from '../core/codec/avro-bytes.ts'
import type { FeatureDrift, SegmentDrift } from '../core/drift/finding.ts'
import type { OffsetRange } from '../core/model/model.ts'
import type { Outputs } from './records.ts'
import { framed } from './wire-format.ts'

export interface DriftTopic {
  readonly topic: string
  readonly schemaId: number
  /** The model's name: the key of every record. */
  readonly name: string
}

/** What a test says; nothing of it where none was made. */
interface TestResult {
  readonly statistic: number
  readonly threshold: number
  readonly pValue: number | null
  readonly eventsBetweenFalse: number | null
  readonly severity: string
  readonly detector: string
  /** Events that it was made on, and the least and greatest time of their records. */
  readonly events: number
  readonly fromMs: number
  readonly toMs: number
}

export interface DriftEvent {
  readonly id: string
  readonly kind: string
  readonly scope: string
  readonly referenceVersion: number
  readonly currentVersion: number
  readonly ranges: readonly OffsetRange[]
  /** `before` and `after` in the user's units; null where there are none. */
  readonly features: readonly (Omit<FeatureDrift, 'feature' | 'before' | 'after'> & {
    readonly name: string
    readonly before: number | null
    readonly after: number | null
  })[]
  readonly clusters: readonly {
    readonly id: number
    readonly share: number
    readonly before: number | null
    readonly after: number | null
  }[]
  readonly reaction: string
  readonly message: string
  readonly test: TestResult | null
  /** Id of the drift that it belongs to. */
  readonly driftId: string | null
  /** '' names all others. */
  readonly segments: readonly SegmentDrift[]
  /** Of what closes a drift: whether what is now became the reference. */
  readonly accepted: boolean | null
}

/** Appends one record for each event. */
export function appendDriftEvents(
  outputs: Outputs,
  { topic, schemaId, name }: DriftTopic,
  events: readonly DriftEvent[],
  timestampMs: number,
): void {
  const key = Buffer.from(name)
  for (const event of events) {
    const value = framed(schemaId, encoded(event, timestampMs))
    outputs.append({ topic, partition: 0, key, value, timestamp: timestampMs })
  }
}

function encoded(event: DriftEvent, timestampMs: number): Uint8Array {
  const { test } = event
  const writer = new AvroWriter(512)
  writer.string(event.id)
  writer.string(event.kind)
  writer.string(event.scope)
  orNull(writer, test?.statistic ?? null)
  orNull(writer, test?.threshold ?? null)
  orNull(writer, test?.pValue ?? null)
  writer.long(event.referenceVersion)
  writer.long(event.currentVersion)
  writer.long(Math.floor(timestampMs))
  writer.arrayBegin(event.ranges.length)
  for (const { partition, from, to } of event.ranges) {
    writer.int(partition)
    writer.long(from)
    writer.long(to)
  }
  writer.arrayEnd()
  writer.arrayBegin(event.features.length)
  for (const feature of event.features) writeFeature(writer, feature)
  writer.arrayEnd()
  writer.arrayBegin(event.clusters.length)
  for (const { id, share, before, after } of event.clusters) {
    writer.int(id)
    writer.double(share)
    orNull(writer, before)
    orNull(writer, after)
  }
  writer.arrayEnd()
  writer.string(event.reaction)
  writer.string(event.message)
  orNull(writer, test?.eventsBetweenFalse ?? null)
  for (const text of [test?.severity, test?.detector, event.driftId ?? undefined]) {
    writer.union(text === undefined ? 0 : 1)
    if (text !== undefined) writer.string(text)
  }
  for (const long of [test?.events, test?.fromMs, test?.toMs]) {
    writer.union(long === undefined ? 0 : 1)
    if (long !== undefined) writer.long(long)
  }
  writer.union(event.accepted === null ? 0 : 1)
  if (event.accepted !== null) writer.boolean(event.accepted)
  writer.arrayBegin(event.segments.length)
  for (const { name, share, before, after, unusualBefore, unusualAfter } of event.segments) {
    writer.string(name)
    for (const value of [share, before, after, unusualBefore, unusualAfter]) writer.double(value)
  }
  writer.arrayEnd()
  return writer.written()
}

function writeFeature(writer: AvroWriter, feature: DriftEvent['features'][number]): void {
  writer.string(feature.name)
  writer.double(feature.share)
  orNull(writer, feature.before)
  orNull(writer, feature.after)
  const statistics = [feature.distance, feature.stability, feature.divergence, feature.transport]
  const shares = [feature.missingBefore, feature.missingAfter, feature.outsideBefore, feature.outsideAfter]
  for (const value of [...statistics, ...shares]) orNull(writer, value)
}

function orNull(writer: AvroWriter, value: number | null): void {
  writer.union(value === null ? 0 : 1)
  if (value !== null) writer.double(value)
}
