/** The detection of drift as a part of a model, as bytes. */

import {
  betCount,
  comparedKinds,
  type Drift,
  historyWindows,
  mostFindings,
  mostFormer,
  mostPhases,
  type OpenDrift,
  sumLengths,
} from '../drift/drift.ts'
import { detectors, driftKinds } from '../drift/finding.ts'
import { isStill } from '../drift/further.ts'
import { mostSegments, segmentCells, segmentTests } from '../drift/segments.ts'
import type { AvroReader } from './avro-reader.ts'
import type { AvroWriter } from './avro-writer.ts'
import { leastFinding, problemOfFindings, readFinding, writeFinding } from './finding-codec.ts'
import { leastPaths, problemOfPaths, readPaths, writePaths } from './paths-codec.ts'
import { leastTally, problemOfTally, readTally, writeTally } from './tally-codec.ts'

export function writeDrift(writer: AvroWriter, drift: Drift): void {
  const { options } = drift
  writer.boolean(options.enabled)
  writer.long(options.windowEvents)
  writer.double(options.ksThreshold)
  writer.array(drift.kinds, (to, kind) => to.symbol(comparedKinds, kind))
  writer.long(drift.closed)
  writeTally(writer, drift.window)
  writer.array(drift.sums, writeTally)
  writeTally(writer, drift.reference)
  writeTally(writer, drift.candidate)
  writer.array(drift.former, writeTally)
  writer.array(drift.phases, writeTally)
  writer.doubles(drift.history)
  writer.doubles(drift.bets)
  writer.noneOrOne(drift.open, writeOpen)
  writer.int(drift.waited)
  writer.long(drift.found)
  writer.array(drift.findings, writeFinding)
  writer.longs(drift.featureOf)
  writer.noneOrOne(drift.paths, writePaths)
  writer.string(options.segmentField ?? '')
  writer.array(drift.segmentNames, (to, name) => to.string(name))
  writer.doubles(drift.segmentBets)
}

export function readDrift(reader: AvroReader): Drift {
  const options = { enabled: reader.boolean(), windowEvents: reader.long(), ksThreshold: reader.double() }
  const all = {
    kinds: reader.array(1, (from) => from.symbol(comparedKinds)),
    closed: reader.long(),
    window: readTally(reader),
    sums: reader.array(leastTally, readTally),
    reference: readTally(reader),
    candidate: readTally(reader),
    former: reader.array(leastTally, readTally),
    phases: reader.array(leastTally, readTally),
    history: reader.doubles(),
    bets: reader.doubles(),
    open: reader.noneOrOne(8, readOpen),
    waited: reader.int(),
    found: reader.long(),
    findings: reader.array(leastFinding, readFinding),
    featureOf: reader.longs(),
    paths: reader.noneOrOne(leastPaths, readPaths),
  }
  const segmentField = reader.string() || null
  return {
    ...all,
    options: { ...options, segmentField },
    segmentNames: reader.array(1, (from) => from.string()),
    segmentBets: reader.doubles(),
  }
}

function writeOpen(writer: AvroWriter, open: OpenDrift): void {
  writer.long(open.number)
  writer.symbol(driftKinds, open.kind)
  writer.symbol(detectors, open.detector)
  writer.int(open.returned)
  writer.int(open.settled)
  writer.int(open.windows)
  writer.long(open.sinceVersion)
  writer.longs(open.still)
}

function readOpen(reader: AvroReader): OpenDrift {
  return {
    number: reader.long(),
    kind: reader.symbol(driftKinds),
    detector: reader.symbol(detectors),
    returned: reader.int(),
    settled: reader.int(),
    windows: reader.int(),
    sinceVersion: reader.long(),
    still: reader.longs(),
  }
}

/** What no fold gives, or null; `bins` are those of all features, `k` the places. */
export function problemOfDrift(drift: Drift, features: number, bins: number, k: number, d: number): string | null {
  const { options, featureOf } = drift
  if (!(options.windowEvents >= 1 && options.ksThreshold > 0 && options.ksThreshold < 1)) {
    return 'its windows for drift must have events and a threshold'
  }
  if (drift.kinds.length !== features) return 'each of its features must be compared in one way'
  const problem =
    problemOfTallies(drift, features, bins, k) ??
    problemOfTests(drift, features) ??
    (drift.open === null ? null : problemOfOpen(drift.open, features))
  if (problem !== null) return problem
  if (featureOf.length !== d || !featureOf.every((f) => f >= -1 && f < features)) {
    return 'each of its columns must be of a feature'
  }
  const badPart = problemOfSegments(drift) ?? (drift.paths === null ? null : problemOfPaths(drift.paths, k, d))
  if (badPart !== null) return badPart
  if (drift.findings.length > mostFindings) return 'it must keep the last findings only'
  return problemOfFindings(drift.findings)
}

function problemOfTallies(drift: Drift, features: number, bins: number, k: number): string | null {
  const { window, sums, reference, candidate, former, phases } = drift
  if (sums.length !== sumLengths.length || former.length > mostFormer) {
    return 'it must have as many tallies for drift as are compared'
  }
  if (phases.length !== 0 && phases.length !== mostPhases) return 'it must know all hours for drift, or none'
  const segments = drift.options.segmentField === null ? 0 : segmentCells
  for (const tally of [window, ...sums, reference, candidate, ...former, ...phases]) {
    const problem = problemOfTally(tally, features, bins, k, segments)
    if (problem !== null) return problem
  }
  return null
}

function problemOfTests({ history, bets, closed, found, waited }: Drift, features: number): string | null {
  if (history.length !== historyWindows * (features + 2) || !history.every((x) => x >= 0 && x <= 1)) {
    return 'its past windows must have a statistic each'
  }
  if (bets.length !== betCount || !bets.every(Number.isFinite)) return 'its sequential tests must have a finite wealth'
  return [closed, found, waited].every(isCount) ? null : 'its windows and drifts must be counted'
}

function problemOfOpen(open: OpenDrift, features: number): string | null {
  const { number, returned, settled, windows, still, sinceVersion } = open
  if (!(number >= 1 && [returned, settled, windows].every(isCount))) {
    return 'its open drift must be one that was found'
  }
  const isKept = still.length === features && still.every(isStill) && isCount(sinceVersion)
  return isKept ? null : 'its open drift must know how long each feature has kept its place'
}

function problemOfSegments({ options, segmentNames, segmentBets }: Drift): string | null {
  const [names, tests] = options.segmentField === null ? [0, 0] : [mostSegments, segmentTests]
  const fits = segmentNames.length <= names && segmentBets.length === tests && segmentBets.every(Number.isFinite)
  return fits ? null : 'its segments must be few, with a finite wealth for each of their tests'
}

function isCount(count: number): boolean {
  return count >= 0
}
