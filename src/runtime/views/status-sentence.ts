/** Whether all is well, in one sentence: each part of it says what it is about, and how grave that is. */

export type Gravity = 'well' | 'look' | 'bad'

export interface StatusPart {
  readonly gravity: Gravity
  readonly text: string
}

/** What the sentence is made of: a part of what the API says of a process. */
export interface StatusFacts {
  readonly state: 'starting' | 'waiting for a model' | 'serving' | 'degraded' | 'stopping'
  readonly reasons: readonly string[]
  readonly model: {
    readonly version: number
    readonly trainedEvents: number
    readonly k: number
    readonly budget: number
    readonly anomalyShare: number | null
    readonly frozen: boolean
  } | null
  /** How it stands to other deployments; null: there is none. */
  readonly role: {
    readonly primaryOf: number
    readonly partitions: number
    readonly shadows: readonly string[]
  } | null
  readonly birth: { readonly events: number; readonly of: number } | null
  readonly throughput: { readonly eventsPerSecond: number | null; readonly writtenPerSecond: number | null }
  readonly lag: { readonly events: number | null; readonly seconds: number | null }
  readonly drifts: { readonly open: number; readonly severity: 'warning' | 'critical' | null }
}

/** As the alerts have it: deploy/prometheus. */
const badLagSeconds = 60
const lookLagSeconds = 10
const mostOfBudget = 3
const leastOfBudget = 0.25
/** Before so many anomalies are expected their share says little. */
const expectedAnomalies = 20

/** `Serving version 1,204 · 48,210 events/s · 0.3 s behind · 16 clusters · 0.49 % anomalous (budget 0.5 %) · no drift`. */
export function statusSentence(facts: StatusFacts): readonly StatusPart[] {
  const { model } = facts
  return [
    servingPart(facts),
    ratePart(facts),
    lagPart(facts),
    ...(model === null ? [] : [{ gravity: 'well', text: `${grouped(model.k)} clusters` } as const, anomalyPart(model)]),
    ...(model === null ? [] : [driftPart(facts)]),
  ]
}

export function gravest(parts: readonly StatusPart[]): Gravity {
  return (['bad', 'look'] as const).find((gravity) => parts.some((part) => part.gravity === gravity)) ?? 'well'
}

export function sentenceText(parts: readonly StatusPart[]): string {
  return parts.map(({ text }) => text).join(' · ')
}

function servingPart({ state, reasons, model, birth, role }: StatusFacts): StatusPart {
  if (state === 'degraded') return { gravity: 'bad', text: `Degraded: ${reasons.join('; ')}` }
  if (state === 'starting' || state === 'stopping')
    return { gravity: 'look', text: state === 'starting' ? 'Starting' : 'Stopping' }
  if (model === null) {
    const of = birth === null ? '' : `: ${grouped(birth.events)} of ${grouped(birth.of)} events`
    return { gravity: 'look', text: `Waiting for a model${of}` }
  }
  const still = model.frozen ? ', learning stands still' : ''
  return {
    gravity: model.frozen ? 'look' : 'well',
    text: `Serving version ${grouped(model.version)}${roleText(role)}${still}`,
  }
}

function roleText(role: StatusFacts['role']): string {
  if (role === null) return ''
  const { primaryOf, partitions, shadows } = role
  if (primaryOf === partitions) return ' as the primary'
  const beside = ` in the shadow of ${shadows.join(' and ')}`
  return primaryOf === 0 ? beside : ` as the primary of ${primaryOf} of ${partitions} partitions, else${beside}`
}

function ratePart(facts: StatusFacts): StatusPart {
  const { eventsPerSecond } = facts.throughput
  if (eventsPerSecond === null) return { gravity: 'look', text: 'rate not known' }
  const standsStill = mayStandStill(facts) && (facts.lag.seconds ?? 0) > lookLagSeconds
  return { gravity: standsStill ? 'bad' : 'well', text: `${grouped(eventsPerSecond)} events/s` }
}

/** Whether nothing moves though there is something to read: whoever has looked for a moment only cannot tell yet. */
export function mayStandStill({ throughput: { eventsPerSecond }, lag: { events } }: StatusFacts): boolean {
  return eventsPerSecond === 0 && (events ?? 0) > 0
}

function lagPart({ lag: { events, seconds } }: StatusFacts): StatusPart {
  if (events === null || seconds === null) return { gravity: 'look', text: 'lag not known' }
  const gravity = seconds > badLagSeconds ? 'bad' : seconds > lookLagSeconds ? 'look' : 'well'
  const count = gravity === 'well' ? '' : ` (${grouped(events)} events)`
  return { gravity, text: `${seconds < 10 ? seconds.toFixed(1) : grouped(seconds)} s behind${count}` }
}

function anomalyPart({ anomalyShare, budget, trainedEvents }: NonNullable<StatusFacts['model']>): StatusPart {
  const allowed = `budget ${percent(budget)}`
  if (anomalyShare === null) return { gravity: 'well', text: `no event judged yet (${allowed})` }
  const isOff = anomalyShare > mostOfBudget * budget || anomalyShare < leastOfBudget * budget
  const isKnown = trainedEvents * budget >= expectedAnomalies
  return { gravity: isOff && isKnown ? 'look' : 'well', text: `${percent(anomalyShare)} anomalous (${allowed})` }
}

function driftPart({ drifts: { open, severity } }: StatusFacts): StatusPart {
  if (open === 0) return { gravity: 'well', text: 'no drift' }
  const text = `${open === 1 ? '1 drift' : `${open} drifts`} open${severity === null ? '' : `, ${severity}`}`
  return { gravity: severity === 'critical' ? 'bad' : 'look', text }
}

function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`
}
