/** The highest rate at which latency and lag stay within what is asked of them, found by doubling and then by bisection. */
import { systemClock } from '../../src/runtime/clock.ts'
import type { Bench, Sample } from './bench.ts'

const settleMs = 2000
const lookMs = 1000
const catchUpMs = 300_000
/** Beyond so many times what is asked a rate is not tried to its end. */
const hopeless = 5
/** Below it no rate is tried: what does not hold there is not for want of capacity. */
const leastRate = 1000
/** Of a rate, what must have been sent, and done. */
const kept = 0.97

export interface Targets {
  readonly p99Ms: number
  /** Events that wait, as seconds at the rate. */
  readonly lagSeconds: number
}

export interface CapacityOptions {
  readonly targets: Targets
  /** The first rate that is tried. */
  readonly firstRate: number
  readonly probeSeconds: number
  /** What is found is within this share of the first rate that did not hold. */
  readonly precision: number
  readonly say: (line: string) => void
  readonly interrupted: AbortSignal
}

export interface Probe {
  readonly rate: number
  readonly sample: Sample
  /** Null: it holds. */
  readonly fails: 'latency' | 'lag' | 'the sender' | null
}

export interface Capacity {
  /** The highest that held; null: none did. */
  readonly highest: Probe | null
  readonly probes: readonly Probe[]
}

export async function findCapacity(bench: Bench, options: CapacityOptions): Promise<Capacity> {
  const { firstRate, precision, say, interrupted } = options
  const probes: Probe[] = []
  let [highest, lowest]: [Probe | null, number] = [null, Number.POSITIVE_INFINITY]
  let rate = firstRate
  while (!interrupted.aborted) {
    let tried = await probe(bench, rate, options)
    say(probeText(tried))
    // Once more: something else may have had the machine.
    if (tried.fails !== null && !interrupted.aborted) {
      tried = await probe(bench, rate, options)
      say(probeText(tried))
    }
    probes.push(tried)
    if (tried.fails === null) highest = tried
    else lowest = rate
    const known = highest?.rate ?? 0
    if (Number.isFinite(lowest) && (lowest - known <= precision * lowest || lowest <= leastRate)) break
    const next = Number.isFinite(lowest) ? (known + lowest) / 2 : 2 * rate
    rate = Math.max(leastRate, Math.round(next))
  }
  bench.sender.setRate(0)
  return { highest, probes }
}

async function probe(
  bench: Bench,
  rate: number,
  { targets, probeSeconds, interrupted }: CapacityOptions,
): Promise<Probe> {
  const { sender } = bench
  sender.setRate(rate)
  await systemClock.sleep(settleMs, interrupted)
  await bench.sample()
  const endMs = performance.now() + 1000 * probeSeconds
  let isHopeless = false
  while (performance.now() < endMs && !isHopeless && !interrupted.aborted) {
    await systemClock.sleep(lookMs, interrupted)
    isHopeless = bench.waiting > hopeless * targets.lagSeconds * rate
  }
  const waits = bench.waiting
  const sample = await bench.sample()
  const fails = whyNot(rate, waits, sample, targets)
  if (fails !== null) {
    sender.setRate(0)
    await bench.caughtUp(catchUpMs)
  }
  return { rate, sample, fails }
}

function whyNot(rate: number, waits: number, { sentRate, doneRate, p99Ms }: Sample, targets: Targets): Probe['fails'] {
  // Falling behind is no capacity, even where it has not come to much yet.
  if (waits > targets.lagSeconds * rate || doneRate < kept * rate) return sentRate < kept * rate ? 'the sender' : 'lag'
  return p99Ms <= targets.p99Ms ? null : 'latency'
}

function probeText({ rate, sample, fails }: Probe): string {
  const shown = (value: number) => Math.round(value).toLocaleString('en-US')
  return (
    `${shown(rate)} events/s: ${fails === null ? 'holds' : `fails by ${fails}`} (sent ${shown(sample.sentRate)}, done ${shown(sample.doneRate)}, ` +
    `p99 ${sample.p99Ms.toFixed(0)} ms, lag ${shown(sample.lagEvents)}, ${sample.shoalCores.toFixed(2)} cores, all else but the broker ` +
    `${sample.otherCores.toFixed(2)})`
  )
}
