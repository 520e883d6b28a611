/** Findings of drift as a model has them, as bytes. */
import {
  type ClusterDrift,
  type DriftFinding,
  detectors,
  driftKinds,
  type FeatureDrift,
  type SegmentDrift,
  severities,
} from '../drift/finding.ts'
import type { AvroReader } from './avro-reader.ts'
import type { AvroWriter } from './avro-writer.ts'
import { readRanges, writeRanges } from './range-codec.ts'

/** Bytes of a finding that names nothing. */
export const leastFinding = 45

export function writeFinding(writer: AvroWriter, finding: DriftFinding): void {
  writer.long(finding.number)
  writer.symbol(driftKinds, finding.kind)
  writer.symbol(severities, finding.severity)
  writer.symbol(detectors, finding.detector)
  writer.long(finding.version)
  writer.long(finding.referenceVersion)
  writer.double(finding.statistic)
  writer.double(finding.threshold)
  writer.double(finding.pValue)
  writer.double(finding.eventsBetweenFalse)
  writer.boolean(finding.accepted)
  writer.long(finding.events)
  writeRanges(writer, finding.ranges)
  writer.long(finding.fromMs)
  writer.long(finding.toMs)
  writer.array(finding.features, writeFeatureDrift)
  writer.array(finding.clusters, writeClusterDrift)
  writer.array(finding.segments, writeSegmentDrift)
}

export function readFinding(reader: AvroReader): DriftFinding {
  return {
    number: reader.long(),
    kind: reader.symbol(driftKinds),
    severity: reader.symbol(severities),
    detector: reader.symbol(detectors),
    version: reader.long(),
    referenceVersion: reader.long(),
    statistic: reader.double(),
    threshold: reader.double(),
    pValue: reader.double(),
    eventsBetweenFalse: reader.double(),
    accepted: reader.boolean(),
    events: reader.long(),
    ranges: readRanges(reader),
    fromMs: reader.long(),
    toMs: reader.long(),
    features: reader.array(89, readFeatureDrift),
    clusters: reader.array(17, readClusterDrift),
    segments: reader.array(41, readSegmentDrift),
  }
}

function writeFeatureDrift(writer: AvroWriter, of: FeatureDrift): void {
  writer.int(of.feature)
  for (const value of numbersOf(of)) writer.double(value)
}

function readFeatureDrift(reader: AvroReader): FeatureDrift {
  return {
    feature: reader.int(),
    share: reader.double(),
    distance: reader.double(),
    stability: reader.double(),
    divergence: reader.double(),
    transport: reader.double(),
    before: reader.double(),
    after: reader.double(),
    missingBefore: reader.double(),
    missingAfter: reader.double(),
    outsideBefore: reader.double(),
    outsideAfter: reader.double(),
  }
}

/** All of it that is no index, in the order of the schema. */
function numbersOf(of: FeatureDrift): readonly number[] {
  return [
    of.share,
    of.distance,
    of.stability,
    of.divergence,
    of.transport,
    of.before,
    of.after,
    of.missingBefore,
    of.missingAfter,
    of.outsideBefore,
    of.outsideAfter,
  ]
}

function writeClusterDrift(writer: AvroWriter, { id, before, after }: ClusterDrift): void {
  writer.int(id)
  writer.double(before)
  writer.double(after)
}

function readClusterDrift(reader: AvroReader): ClusterDrift {
  return { id: reader.int(), before: reader.double(), after: reader.double() }
}

function writeSegmentDrift(writer: AvroWriter, of: SegmentDrift): void {
  writer.string(of.name)
  for (const value of sharesOf(of)) writer.double(value)
}

function readSegmentDrift(reader: AvroReader): SegmentDrift {
  return {
    name: reader.string(),
    share: reader.double(),
    before: reader.double(),
    after: reader.double(),
    unusualBefore: reader.double(),
    unusualAfter: reader.double(),
  }
}

/** All of it that is no name, in the order of the schema. */
function sharesOf(of: SegmentDrift): readonly number[] {
  return [of.share, of.before, of.after, of.unusualBefore, of.unusualAfter]
}

/** What no fold gives, or null. */
export function problemOfFindings(findings: readonly DriftFinding[]): string | null {
  const numbers = findings.flatMap((of) => [
    of.statistic,
    of.threshold,
    of.pValue,
    of.eventsBetweenFalse,
    ...of.features.flatMap(numbersOf),
    ...of.clusters.flatMap(({ before, after }) => [before, after]),
    ...of.segments.flatMap(sharesOf),
  ])
  return numbers.every(Number.isFinite) ? null : 'what it found of drifts must be finite'
}
