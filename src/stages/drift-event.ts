/** A record of `drift-events`, encoded as schemas/drift-event.avsc has it. */
import { AvroWriter } from '../core/codec/avro-writer.ts'
import { writeRanges } from '../core/codec/range-codec.ts'
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
  writer.orNull(test?.statistic ?? null, writeDouble)
  writer.orNull(test?.threshold ?? null, writeDouble)
  writer.orNull(test?.pValue ?? null, writeDouble)
  writer.long(event.referenceVersion)
  writer.long(event.currentVersion)
  writer.long(Math.floor(timestampMs))
  writeRanges(writer, event.ranges)
  writer.array(event.features, writeFeature)
  writer.array(event.clusters, writeCluster)
  writer.string(event.reaction)
  writer.string(event.message)
  writer.orNull(test?.eventsBetweenFalse ?? null, writeDouble)
  for (const text of [test?.severity, test?.detector, event.driftId]) {
    writer.orNull(text ?? null, (to, value) => to.string(value))
  }
  for (const long of [test?.events, test?.fromMs, test?.toMs]) {
    writer.orNull(long ?? null, (to, value) => to.long(value))
  }
  writer.orNull(event.accepted, (to, value) => to.boolean(value))
  writer.array(event.segments, writeSegment)
  return writer.written()
}

function writeFeature(writer: AvroWriter, feature: DriftEvent['features'][number]): void {
  writer.string(feature.name)
  writer.double(feature.share)
  writer.orNull(feature.before, writeDouble)
  writer.orNull(feature.after, writeDouble)
  const statistics = [feature.distance, feature.stability, feature.divergence, feature.transport]
  const shares = [feature.missingBefore, feature.missingAfter, feature.outsideBefore, feature.outsideAfter]
  for (const value of [...statistics, ...shares]) writer.orNull(value, writeDouble)
}

function writeCluster(writer: AvroWriter, { id, share, before, after }: DriftEvent['clusters'][number]): void {
  writer.int(id)
  writer.double(share)
  writer.orNull(before, writeDouble)
  writer.orNull(after, writeDouble)
}

function writeSegment(writer: AvroWriter, of: SegmentDrift): void {
  const { name, share, before, after, unusualBefore, unusualAfter } = of
  writer.string(name)
  for (const value of [share, before, after, unusualBefore, unusualAfter]) writer.double(value)
}

function writeDouble(writer: AvroWriter, value: number): void {
  writer.double(value)
}
