/** Whether a change is that of one place: events where none had been, or none where they had been. */
import { sum } from '../sum.ts'
import type { Comparison } from './comparison.ts'
import type { DriftKind } from './finding.ts'
import type { Tally } from './tally.ts'

/** So many of the events must be where hardly any had been. */
export const leastNew = 0.03
/** A change of more is one of the whole stream. */
const mostNew = 0.35
/** So much of what is lost is lost by places that have less than this share of what was theirs. */
const mostLoss = 0.65
const lossy = 0.35
/** A place is new that had less than this share of what it has. */
const hardlyAny = 0.1
/** A place that has so many times its share has grown by more than the others lost. */
const grown = 1.5
const leastLost = 0.05
const leastGained = 0.05
/** What chance adds to a distance of features. */
const slack = 0.05

type Change = Pick<Comparison, 'distances' | 'isMissing' | 'excess' | 'vanished'>

export function signatureOf(now: Tally, then: Tally, found: Change): DriftKind | null {
  const { excess, vanished } = found
  const largest = largestOfAll(found, now)
  // Events of so many cannot have changed a feature by more.
  const isNew = (share: number, least: number) => share >= least && largest <= Math.min(mostNew, share + slack)
  if (excess <= mostNew && isNew(excess, leastNew)) return 'newCluster'
  const gained = lostShare(then, now, hardlyAny)
  if (gained <= mostNew && isNew(gained, leastGained)) return 'newCluster'
  // Where clouds overlap few of the new events are far: they show in the places that have come to hold more.
  const added = gainedByFew(now, then)
  const isAdded = added <= mostNew && isNew(added, leastGained)
  if (excess >= leastNew) return isAdded ? 'newCluster' : null
  if (vanished > 0 && largest <= vanished + slack) return 'lostCluster'
  const lost = lostShare(now, then, lossy)
  return lost >= leastLost && largest <= lost + slack ? 'lostCluster' : null
}

/**
 * The greatest distance of a feature, as a share of all events: an eighth of the events may be a third of those that have a
 * value of it.
 */
function largestOfAll({ distances, isMissing }: Change, { features: { missing }, events }: Tally): number {
  return distances.reduce((most, x, f) => {
    const having = isMissing[f] === 1 ? 1 : 1 - missing[f] / Math.max(1, events)
    return Math.max(most, x * having)
  }, 0)
}

/** What is gained by places that have gained half as much again, when that is most of what all have gained. */
function gainedByFew(now: Tally, then: Tally): number {
  const [n, m] = [sum(then.places), sum(now.places)]
  if (now.placesSince !== then.placesSince || !(n > 0 && m > 0)) return 0
  let [all, byFew] = [0, 0]
  for (let j = 0; j < then.places.length; j++) {
    const [before, after] = [then.places[j] / n, now.places[j] / m]
    all += Math.max(0, after - before)
    if (after > grown * before) byFew += after - before
  }
  return byFew >= mostLoss * all ? byFew : 0
}

/**
 * The share that was of places which have lost most of it, when these have lost most of all that was lost: then the others
 * have gained alike. 0 when the loss is spread. What is gained is lost the other way round.
 */
function lostShare(now: Tally, then: Tally, few: number): number {
  const [n, m] = [sum(then.places), sum(now.places)]
  if (now.placesSince !== then.placesSince || !(n > 0 && m > 0)) return 0
  let [all, byFew, was] = [0, 0, 0]
  for (let j = 0; j < then.places.length; j++) {
    const [before, after] = [then.places[j] / n, now.places[j] / m]
    const loss = Math.max(0, before - after)
    all += loss
    if (after >= few * before) continue
    byFew += loss
    was += loss
  }
  return byFew >= mostLoss * all ? was : 0
}
