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
import type { Tally } from '../drift/tally.ts'
import type { BinKind } from '../features/feature-bins.ts'
import type { AvroReader, AvroWriter } from './avro-bytes.ts'
import { longs, writeLongs } from './feature-codec.ts'
import { problemOfFindings, readFindings, writeFindings } from './finding-codec.ts'
import { problemOfPaths, readPaths, writePaths } from './paths-codec.ts'
import { problemOfTally, readTally, writeTally } from './tally-codec.ts'

export function writeDrift(writer: AvroWriter, drift: Drift): void {
  const { options, open } = drift
  writer.boolean(options.enabled)
  writer.long(options.windowEvents)
  writer.double(options.ksThreshold)
  writer.arrayBegin(drift.kinds.length)
  for (const kind of drift.kinds) writer.int(comparedKinds.indexOf(kind))
  writer.arrayEnd()
  writer.long(drift.closed)
  writeTally(writer, drift.window)
  writeTallies(writer, drift.sums)
  writeTally(writer, drift.reference)
  writeTally(writer, drift.candidate)
  writeTallies(writer, drift.former)
  writeTallies(writer, drift.phases)
  writer.doubles(drift.history)
  writer.doubles(drift.bets)
  writer.arrayBegin(open === null ? 0 : 1)
  if (open !== null) writeOpen(writer, open)
  writer.arrayEnd()
  writer.int(drift.waited)
  writer.long(drift.found)
  writeFindings(writer, drift.findings)
  writeLongs(writer, drift.featureOf)
  writePaths(writer, drift.paths)
  writer.string(options.segmentField ?? '')
  writeNames(writer, drift.segmentNames)
  writer.doubles(drift.segmentBets)
}

export function readDrift(reader: AvroReader): Drift {
  const options = { enabled: reader.boolean(), windowEvents: reader.long(), ksThreshold: reader.double() }
  const all = {
    kinds: readKinds(reader),
    closed: reader.long(),
    window: readTally(reader),
    sums: readTallies(reader),
    reference: readTally(reader),
    candidate: readTally(reader),
    former: readTallies(reader),
    phases: readTallies(reader),
    history: reader.doubles(),
    bets: reader.doubles(),
    open: readOpen(reader),
    waited: reader.int(),
    found: reader.long(),
    findings: readFindings(reader),
    featureOf: longs(reader),
    paths: readPaths(reader),
  }
  const segmentField = reader.string() || null
  return {
    ...all,
    options: { ...options, segmentField },
    segmentNames: readNames(reader),
    segmentBets: reader.doubles(),
  }
}

function writeNames(writer: AvroWriter, names: readonly string[]): void {
  writer.arrayBegin(names.length)
  for (const name of names) writer.string(name)
  writer.arrayEnd()
}

function readNames(reader: AvroReader): string[] {
  const names: string[] = []
  for (let n = reader.arrayBlock(1); n > 0; n = reader.arrayBlock(1)) {
    for (let i = 0; i < n; i++) names.push(reader.string())
  }
  return names
}

function writeTallies(writer: AvroWriter, tallies: readonly Tally[]): void {
  writer.arrayBegin(tallies.length)
  for (const tally of tallies) writeTally(writer, tally)
  writer.arrayEnd()
}

function readTallies(reader: AvroReader): Tally[] {
  const tallies: Tally[] = []
  for (let n = reader.arrayBlock(leastTally); n > 0; n = reader.arrayBlock(leastTally)) {
    for (let i = 0; i < n; i++) tallies.push(readTally(reader))
  }
  return tallies
}

/** Bytes of a tally without bins. */
const leastTally = 30

function readKinds(reader: AvroReader): readonly BinKind[] {
  const kinds: BinKind[] = []
  for (let n = reader.arrayBlock(1); n > 0; n = reader.arrayBlock(1)) {
    for (let i = 0; i < n; i++) {
      const kind = comparedKinds[reader.int()]
      if (kind === undefined) reader.fail()
      else kinds.push(kind)
    }
  }
  return kinds
}

function writeOpen(writer: AvroWriter, open: OpenDrift): void {
  writer.long(open.number)
  writer.int(driftKinds.indexOf(open.kind))
  writer.int(detectors.indexOf(open.detector))
  writer.int(open.returned)
  writer.int(open.settled)
  writer.int(open.windows)
  writer.long(open.sinceVersion)
  writeLongs(writer, open.still)
}

function readOpen(reader: AvroReader): OpenDrift | null {
  let open: OpenDrift | null = null
  for (let n = reader.arrayBlock(8); n > 0; n = reader.arrayBlock(8)) {
    const number = reader.long()
    const kind = driftKinds[reader.int()]
    const detector = detectors[reader.int()]
    if (n > 1 || open !== null || kind === undefined || detector === undefined) reader.fail()
    else {
      open = {
        number,
        kind,
        detector,
        returned: reader.int(),
        settled: reader.int(),
        windows: reader.int(),
        sinceVersion: reader.long(),
        still: longs(reader),
      }
    }
  }
  return open
}

/** What no fold gives, or null; `bins` are those of all features, `k` the places. */
export function problemOfDrift(drift: Drift, features: number, bins: number, k: number, d: number): string | null {
  const { options, open, bets, history } = drift
  if (!(options.windowEvents >= 1 && options.ksThreshold > 0 && options.ksThreshold < 1)) {
    return 'its windows for drift must have events and a threshold'
  }
  if (drift.kinds.length !== features) return 'each of its features must be compared in one way'
  if (drift.sums.length !== sumLengths.length || drift.former.length > mostFormer) {
    return 'it must have as many tallies for drift as are compared'
  }
  if (drift.phases.length !== 0 && drift.phases.length !== mostPhases)
    return 'it must know all hours for drift, or none'
  const segments = options.segmentField === null ? 0 : segmentCells
  for (const tally of [
    drift.window,
    ...drift.sums,
    drift.reference,
    drift.candidate,
    ...drift.former,
    ...drift.phases,
  ]) {
    const problem = problemOfTally(tally, features, bins, k, segments)
    if (problem !== null) return problem
  }
  if (history.length !== historyWindows * (features + 2) || !history.every((x) => x >= 0 && x <= 1)) {
    return 'its past windows must have a statistic each'
  }
  if (bets.length !== betCount || !bets.every(Number.isFinite)) return 'its sequential tests must have a finite wealth'
  const isCount = (count: number) => count >= 0
  if (!(isCount(drift.closed) && isCount(drift.found) && isCount(drift.waited)))
    return 'its windows and drifts must be counted'
  if (
    open !== null &&
    !(open.number >= 1 && isCount(open.returned) && isCount(open.settled) && isCount(open.windows))
  ) {
    return 'its open drift must be one that was found'
  }
  if (open !== null && !(open.still.length === features && open.still.every(isStill) && isCount(open.sinceVersion))) {
    return 'its open drift must know how long each feature has kept its place'
  }
  if (drift.featureOf.length !== d || !drift.featureOf.every((f) => f >= -1 && f < features)) {
    return 'each of its columns must be of a feature'
  }
  const badSegments =
    drift.segmentBets.length !== (segments === 0 ? 0 : segmentTests) || !drift.segmentBets.every(Number.isFinite)
  if (badSegments || drift.segmentNames.length > (segments === 0 ? 0 : mostSegments)) {
    return 'its segments must be few, with a finite wealth for each of their tests'
  }
  const badPaths = drift.paths === null ? null : problemOfPaths(drift.paths, k, d)
  if (badPaths !== null) return badPaths
  if (drift.findings.length > mostFindings) return 'it must keep the last findings only'
  return problemOfFindings(drift.findings)
}
