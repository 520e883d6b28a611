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
import type { AvroReader, AvroWriter } from './avro-bytes.ts'
import { readRanges, writeRanges } from './range-codec.ts'

export function writeFindings(writer: AvroWriter, findings: readonly DriftFinding[]): void {
  writer.arrayBegin(findings.length)
  for (const finding of findings) writeFinding(writer, finding)
  writer.arrayEnd()
}

export function readFindings(reader: AvroReader): DriftFinding[] {
  const findings: DriftFinding[] = []
  for (let n = reader.arrayBlock(leastFinding); n > 0; n = reader.arrayBlock(leastFinding)) {
    for (let i = 0; i < n; i++) findings.push(readFinding(reader))
  }
  return findings
}

/** Bytes of a finding that names nothing. */
const leastFinding = 45

function writeFinding(writer: AvroWriter, finding: DriftFinding): void {
  writer.long(finding.number)
  writer.int(driftKinds.indexOf(finding.kind))
  writer.int(severities.indexOf(finding.severity))
  writer.int(detectors.indexOf(finding.detector))
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
  writer.arrayBegin(finding.features.length)
  for (const of of finding.features) {
    writer.int(of.feature)
    for (const value of numbersOf(of)) writer.double(value)
  }
  writer.arrayEnd()
  writer.arrayBegin(finding.clusters.length)
  for (const { id, before, after } of finding.clusters) {
    writer.int(id)
    writer.double(before)
    writer.double(after)
  }
  writer.arrayEnd()
  writer.arrayBegin(finding.segments.length)
  for (const of of finding.segments) {
    writer.string(of.name)
    for (const value of sharesOf(of)) writer.double(value)
  }
  writer.arrayEnd()
}

function readFinding(reader: AvroReader): DriftFinding {
  const number = reader.long()
  const kind = driftKinds[reader.int()]
  const severity = severities[reader.int()]
  const detector = detectors[reader.int()]
  if (kind === undefined || severity === undefined || detector === undefined) reader.fail()
  return {
    number,
    kind,
    severity,
    detector,
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
    features: readFeatureDrifts(reader),
    clusters: readClusterDrifts(reader),
    segments: readSegmentDrifts(reader),
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

function readFeatureDrifts(reader: AvroReader): FeatureDrift[] {
  const drifts: FeatureDrift[] = []
  for (let n = reader.arrayBlock(89); n > 0; n = reader.arrayBlock(89)) {
    for (let i = 0; i < n; i++) {
      drifts.push({
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
      })
    }
  }
  return drifts
}

function readClusterDrifts(reader: AvroReader): ClusterDrift[] {
  const drifts: ClusterDrift[] = []
  for (let n = reader.arrayBlock(17); n > 0; n = reader.arrayBlock(17)) {
    for (let i = 0; i < n; i++) drifts.push({ id: reader.int(), before: reader.double(), after: reader.double() })
  }
  return drifts
}

/** All of it that is no name, in the order of the schema. */
function sharesOf(of: SegmentDrift): readonly number[] {
  return [of.share, of.before, of.after, of.unusualBefore, of.unusualAfter]
}

function readSegmentDrifts(reader: AvroReader): SegmentDrift[] {
  const drifts: SegmentDrift[] = []
  for (let n = reader.arrayBlock(41); n > 0; n = reader.arrayBlock(41)) {
    for (let i = 0; i < n; i++) {
      drifts.push({
        name: reader.string(),
        share: reader.double(),
        before: reader.double(),
        after: reader.double(),
        unusualBefore: reader.double(),
        unusualAfter: reader.double(),
      })
    }
  }
  return drifts
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
