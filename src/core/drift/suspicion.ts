/** Whether what a window shows is a drift, and of which kind: one cause may light several detectors, and is told once. */
import type { Model } from '../model/model.ts'
import type { ChangeKind } from '../upkeep/upkeep.ts'
import { kindOfFeatures } from './changed-features.ts'
import { compare, isQuiet, largest } from './comparison.ts'
import type { Detector, DriftKind } from './finding.ts'
import { type Further, stillBefore } from './further.ts'
import { type Cause, goFurther, raise } from './open.ts'
import { isGradual, isGrowing, past } from './passing.ts'
import { adopt, startOver } from './reference.ts'
import { type Evidence, type Sighting, sightingOf } from './sightings.ts'
import { leastNew, signatureOf } from './signature.ts'
import { summed } from './sums.ts'
import type { Tally } from './tally.ts'

/** What is above this is no chance: how it came about may be asked. */
const clearly = 0.7
/** What is seen in distances and shares alone must have been so for this many windows, and while it grows for these. */
const leastWaited = 3
/** Where upkeep has given what lies far a cluster, that tells as much as another window. */
const leastFar = 2
/** Clusters that have come to be since this sum began have done so of late. */
const lateLevel = 1
/** What grows is compared with so many windows before. */
const [lately, longAgo] = [2, 4]
const mostWaited = 12
/** A former reference that has come back so often is known to come and go. */
const knownVisits = 2

/** Raises a drift in the model (IN and OUT), or not; true: there was nothing to be seen. */
export function suspect(model: Model, evidence: Evidence): boolean {
  const { drift } = model
  const cause = sightingOf(drift, evidence)
  if (cause === null) {
    const adopted = ofAdopted(model, evidence)
    drift.waited = 0
    if (adopted !== null) raise(model, evidence.window.now, adopted, 'newCluster', stillBefore(drift))
    if (adopted !== null) return false
    return isQuiet(evidence.window.found, drift.options.ksThreshold)
  }
  drift.waited += 1
  const kind = kindOf(model, cause)
  if (kind === null) return false
  const { now } = evidence.window
  const former = formerLike(model, now)
  if (former !== null && kind !== 'newCluster' && kind !== 'lostCluster' && !isOfPart(cause.detector)) {
    adopt(drift, former)
    startOver(drift)
    former.visits += 1
    if (former.visits <= knownVisits) raise(model, now, cause, 'recurring', stillBefore(drift))
  } else raise(model, now, cause, kind, stillBefore(drift))
  return false
}

/** Raises what goes beyond the open drift of the model (IN and OUT), which ends where that begins. */
export function raiseFurther(model: Model, closed: Tally, hours: Tally | null, { cause, found, left }: Further): void {
  const { drift } = model
  const kind = signatureOf(closed, cause.before, found) ?? kindOfFeatures(left, drift.options.ksThreshold)
  // Those that have left begin anew.
  const still = drift.open!.still.map((windows) => Math.max(0, windows))
  goFurther(model, closed, cause.before, hours)
  const former = formerLike(model, closed)
  if (former !== null) former.visits += 1
  raise(model, closed, cause, former === null ? kind : 'recurring', still)
}

/** The kind of what has been seen; null: it is to be waited for. */
function kindOf(model: Model, { detector, found, now, before, isOfCategories = false }: Sighting): DriftKind | null {
  const { drift } = model
  const { ksThreshold } = drift.options
  // It has been waited for long enough.
  if (detector === 'centroids') return 'gradual'
  const features = drift.kinds.length
  const most = largest(found)
  const signature = isOfCategories ? 'lostCluster' : signatureOf(now, before, found)
  const isOfFeatures = detector === 'features' || detector === 'missing'
  // A cluster comes or goes at once; while all move, some places are left first.
  const top = found.distances.indexOf(most)
  const isSlow = signature !== 'newCluster' || found.excess < leastNew || isGradual(drift, features)
  const cameSlowly = isSlow && most >= clearly * ksThreshold && isGradual(drift, top)
  if (isOfFeatures && cameSlowly) return 'gradual'
  if (isOfFeatures && signature === null) return kindOfFeatures(found, ksThreshold)
  if (drift.waited + now.windows - 1 < leastWaited) return null
  if (detector === 'segments') return 'qualityDrop'
  const grows = detector === 'shares' ? isGrowing(drift, top, longAgo) : isGrowing(drift, features, lately)
  if (cameSlowly) return 'gradual'
  if (grows) return drift.waited < mostWaited ? null : 'gradual'
  if (signature !== null) return signature
  if (wasAdopted(model)) return 'newCluster'
  if (detector === 'shares' && isGradual(drift, top)) return 'gradual'
  if (cameSince(model, summed(drift, lateLevel).sinceVersion, ['born'])) return 'newCluster'
  return detector === 'shares' ? 'sudden' : 'qualityDrop'
}

/** Where a part of the events has changed the whole looks as ever: nothing is told by what it looks like. */
function isOfPart(detector: Detector): boolean {
  return detector === 'centroids' || detector === 'segments'
}

/** Clusters that come to be where there were none, whatever lies between them and the nearest one. */
const newcomers: readonly ChangeKind[] = ['born', 'split', 'reseeded']

/** What lay far and no longer does, because upkeep has given it a cluster: by the share that lay there in the window before. */
function ofAdopted(model: Model, { window }: Evidence): Cause | null {
  if (!wasAdopted(model)) return null
  const wasFar = past(model.drift, 1, model.drift.kinds.length)
  return { ...window, detector: 'fit', statistic: wasFar, threshold: leastNew, pValue: 1 }
}

/** Whether events have just lain far from all clusters for some windows, and clusters have come to be where there were none. */
function wasAdopted(model: Model): boolean {
  const { drift } = model
  const wasFar = past(drift, 1, drift.kinds.length)
  return (
    drift.waited >= leastFar && wasFar >= leastNew && cameSince(model, summed(drift, lateLevel).sinceVersion, newcomers)
  )
}

/** Whether clusters have come to be of late. */
function cameSince({ upkeep, version }: Model, since: number, kinds: readonly ChangeKind[]): boolean {
  return upkeep.changes.some((change) => kinds.includes(change.kind) && change.version >= Math.min(since, version))
}

/** What was the reference once and looks like the window; null: nothing. */
function formerLike({ drift, features: { bins } }: Model, closed: Tally): Tally | null {
  const { kinds, options } = drift
  return drift.former.findLast((then) => isQuiet(compare(kinds, bins, closed, then), options.ksThreshold)) ?? null
}
