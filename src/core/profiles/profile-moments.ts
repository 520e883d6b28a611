/**
 * The moments of one field of one entity: what is usual for it, and how far from that a value is.
 *
 * Kept of the entity: weight W, mean M and squared deviations S of its values, each of which counts half after the
 * half-life (West 1979, weighted and incremental). Kept of all entities of the partition, a value counting half after
 * 10,000 events: the mean logarithms of its values (level) and of their magnitudes (size), the spread of the latter, and
 * the mean squared deviation, in relative terms, of values from their own entity's mean (within).
 *
 *     m = (W·M + level) / (W + 1)                   usual value: the population counts as one event of the entity
 *     c = max(|m|, size / 20)                       what deviations are measured by
 *     v = (S/c² + 10·within) / (W + 10)             relative spread: the population counts as ten events
 *     p = v + within/(W + 1) + spread/(W + 1)²      spread of the next value: its own, and that of not knowing m
 *     ratio  = x / c
 *     zScore = (x − m) / (c·√p)
 *     unrest = Σ (|zScore| from 2.5, at most 6, less 2.5) of the values before, counting half after a quarter of the
 *              half-life: how unusual the entity was of late
 *
 * What enters a profile is held to m ± 2·(1 + 1/(W + 1)) spreads, and to e⁸ spreads of the population: an anomaly must
 * not make the next one look usual (Huber's winsorised mean), and an absurd value must not end a profile. The bound doubles
 * with each value in a row that is held back on the same side, so that what changes for good is followed.
 *
 * A value that is late enters with the weight that it would have by now, so that order does not matter to the sums.
 */
import { MomentCell, PopulationCell } from './profile-plan.ts'

/** The square of nothing within, summed over more events than there will be, is infinite. */
const largest = 1e100
const smallest = 1e-100
/** A feature's value is at most this, so that what it is divided by cannot make it absurd. */
const largestFeature = 1e6

const entryShare = 2
const ownEvents = 10
/** A relative spread of a half, until there is a population. */
const firstWithin = 0.25
const restless = 2.5
const mostRestless = 6
const mostSpread = 4
const mostHeld = 100
const leastSpread = 0.25
const reachInSpreads = 8
/** Below e⁴, which is as far as eight of the least spreads reach. */
const leastReach = 50
/** Events of a population before it says what is absurd. */
const enoughEvents = 30
/** Events of an entity before its deviations say what is usual within entities. */
const leastOwn = 1.5
/** Of a population: 2^(−1/10,000). */
export const keptPerEvent = Math.exp(-Math.LN2 / 10_000)

/** What an event is to its entity; one is kept for all events. */
export interface MomentValues {
  ratio: number
  zScore: number
  unrest: number
}

/** Lets time pass over the moments at `at` (OUT): they count for `kept` of what they did, and unrest fades four times as fast. */
export function decayMoment(cells: Float64Array, at: number, kept: number): void {
  cells[at + MomentCell.weight] *= kept
  cells[at + MomentCell.m2] *= kept
  cells[at + MomentCell.unrest] *= kept * kept * (kept * kept)
}

/** Computes what `raw` is to the entity (`out`), then lets it enter the entity's moments and the population's, with `weight`. */
export function meetValue(
  cells: Float64Array,
  at: number,
  population: Float64Array,
  from: number,
  raw: number,
  weight: number,
  out: MomentValues,
): void {
  const x = clamp(raw, largest)
  const seen = population[from + PopulationCell.weight]
  // Of the very first value nothing can be said but that it is usual.
  const level = seen === 0 ? x : fromLogarithm(population[from + PopulationCell.level])
  const magnitude = seen === 0 ? Math.abs(x) : Math.expm1(population[from + PopulationCell.size])
  const spread = seen > 1 ? Math.min(population[from + PopulationCell.spread] / seen, mostSpread) : 1
  let reach = largest
  const known = Math.abs(cells[at + MomentCell.mean])
  // Within it under the least spread there is: the common case, without an exponential.
  if (seen >= enoughEvents && !(Math.max(known, Math.abs(x)) <= leastReach * magnitude)) {
    reach = reachOf(population[from + PopulationCell.size], spread)
    if (!(known <= reach)) forget(cells, at)
  }
  const w = cells[at + MomentCell.weight]
  const mean = (w * cells[at + MomentCell.mean] + level) / (w + 1)
  const scale = Math.max(Math.abs(mean), 0.05 * magnitude, smallest)
  const withinWeight = population[from + PopulationCell.withinWeight]
  const within = (population[from + PopulationCell.within] + ownEvents * firstWithin) / (withinWeight + ownEvents)
  const own = (cells[at + MomentCell.m2] / (scale * scale) + ownEvents * within) / (w + ownEvents)
  const next = Math.min(own + within / (w + 1) + spread / ((w + 1) * (w + 1)), largest)
  const deviation = clamp((x - mean) / scale, largestFeature)
  const root = Math.sqrt(next)
  out.ratio = clamp(x / scale, largestFeature)
  out.zScore = deviation / root
  out.unrest = cells[at + MomentCell.unrest]
  if (weight <= 0) return
  const excess = Math.min(Math.abs(out.zScore), mostRestless) - restless
  if (excess > 0) cells[at + MomentCell.unrest] += weight * excess
  const held = cells[at + MomentCell.held]
  const slack = Math.min(
    2 ** Math.min(Math.abs(held), mostHeld) * entryShare * (1 + 1 / (w + 1)) * root * scale,
    largest,
  )
  cells[at + MomentCell.held] = x > mean + slack ? Math.max(held, 0) + 1 : x < mean - slack ? Math.min(held, 0) - 1 : 0
  enter(cells, at, clamp(Math.min(Math.max(x, mean - slack), mean + slack), reach), weight)
  if (w > leastOwn) {
    population[from + PopulationCell.withinWeight] = withinWeight * keptPerEvent + 1
    const squared = Math.min(deviation * deviation, 9 * within)
    population[from + PopulationCell.within] = population[from + PopulationCell.within] * keptPerEvent + squared
  }
  enterPopulation(population, from, x)
}

/** West's incremental step. */
function enter(cells: Float64Array, at: number, x: number, weight: number): void {
  const total = cells[at + MomentCell.weight] + weight
  const before = x - cells[at + MomentCell.mean]
  cells[at + MomentCell.weight] = total
  cells[at + MomentCell.mean] += (before * weight) / total
  // Rounding may leave the mean beyond the only value.
  cells[at + MomentCell.m2] += weight * Math.max(0, before * (x - cells[at + MomentCell.mean]))
}

/** In logarithms, so that an absurd value moves them little, and they come back soon. */
function enterPopulation(population: Float64Array, from: number, x: number): void {
  const total = population[from + PopulationCell.weight] * keptPerEvent + 1
  const size = Math.log1p(Math.abs(x))
  const level = x < 0 ? -size : size
  const before = size - population[from + PopulationCell.size]
  population[from + PopulationCell.weight] = total
  population[from + PopulationCell.level] += (level - population[from + PopulationCell.level]) / total
  population[from + PopulationCell.size] += before / total
  const squared = Math.max(0, before * (size - population[from + PopulationCell.size]))
  population[from + PopulationCell.spread] = population[from + PopulationCell.spread] * keptPerEvent + squared
}

/** Only an absurd value that came before there was a population can have brought the mean so far: the moments begin anew. */
function forget(cells: Float64Array, at: number): void {
  cells.fill(0, at, at + MomentCell.size)
}

/** How large a value may be to enter. */
function reachOf(size: number, spread: number): number {
  return Math.min(Math.expm1(size + reachInSpreads * Math.sqrt(Math.max(spread, leastSpread))), largest)
}

function fromLogarithm(level: number): number {
  return level < 0 ? -Math.expm1(-level) : Math.expm1(level)
}

function clamp(x: number, bound: number): number {
  return Math.min(Math.max(x, -bound), bound)
}
