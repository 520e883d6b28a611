/** The parts of the first sentence, each well or not, with why. */

import type { Status } from '../../../src/http/status.ts'
import { addressOf } from '../address.ts'
import { count, duration, figure, percent } from '../numbers.tsx'

export interface Part {
  readonly name: string
  readonly text: string
  /** `look`: somebody should; `bad`: somebody must. */
  readonly level: 'well' | 'look' | 'bad'
  readonly reason: string | null
  readonly href: string
  /** All digits, for who points at it. */
  readonly exact: string
}

/** Lag of so many seconds is worth a look, and bad. */
const lagSeconds = { look: 10, bad: 60 }
/** The anomalous share is so many times the budget. */
const overBudget = { look: 2, bad: 5 }

export function partsOf(status: Status): readonly Part[] {
  const parts = [serving(status), throughput(status), lag(status)]
  const { model } = status
  if (model !== null) parts.push(clusters(model), anomalous(model), drift(status))
  return parts
}

function part(name: string, text: string, href: string, exact: string | number = '', at: Partial<Part> = {}): Part {
  return { name, text, level: 'well', reason: null, href, exact: String(exact), ...at }
}

function serving({ state, ready, reasons, model }: Status): Part {
  const href = addressOf('pipeline')
  const version = model === null ? '' : ` version ${count(model.version)}`
  if (reasons.length > 0) {
    const level = ready ? 'look' : 'bad'
    return part('state', ready ? `Degraded, serving${version}` : `Not serving`, href, state, {
      level,
      reason: reasons.join('; '),
    })
  }
  if (model === null) return part('state', state === 'starting' ? 'Starting' : 'Waiting for a model', href, state)
  if (!ready)
    return part('state', `Not serving: ${state}`, href, state, { level: 'bad', reason: `this process is ${state}` })
  if (!model.frozen) return part('state', `Serving${version}`, addressOf('versions'), model.version)
  const reason = 'learning is frozen: events are scored, and nothing is learned from them'
  return part('state', `Serving${version}, frozen`, addressOf('versions'), model.version, { level: 'look', reason })
}

function throughput({ throughput: { eventsPerSecond } }: Status): Part {
  const href = addressOf('overview', null, { at: 'throughput' })
  if (eventsPerSecond === null) return part('throughput', 'throughput not known', href)
  return part('throughput', `${figure(Math.round(eventsPerSecond))} events/s`, href, `${eventsPerSecond} events/s`)
}

function lag({ lag: { seconds, events } }: Status): Part {
  const href = addressOf('pipeline')
  if (seconds === null || events === null) return part('lag', 'lag not known', href)
  const text = `${duration(seconds)} behind`
  const level = seconds >= lagSeconds.bad ? 'bad' : seconds >= lagSeconds.look ? 'look' : 'well'
  const reason = level === 'well' ? null : `${count(events)} events wait, the oldest for ${duration(seconds)}`
  return part('lag', text, href, `${seconds} s, ${events} events`, { level, reason })
}

type StatusModel = NonNullable<Status['model']>

function clusters({ k }: StatusModel): Part {
  return part(
    'clusters',
    `${count(k)} ${k === 1 ? 'cluster' : 'clusters'}`,
    addressOf('overview', null, { at: 'clusters' }),
    k,
  )
}

function anomalous({ anomalyShare, budget }: StatusModel): Part {
  const href = addressOf('anomalies')
  if (anomalyShare === null) return part('anomalous', `budget ${percent(budget)}`, href, budget)
  const text = `${percent(anomalyShare)} anomalous (budget ${percent(budget)})`
  const times = anomalyShare / budget
  const level = times >= overBudget.bad ? 'bad' : times >= overBudget.look ? 'look' : 'well'
  const reason =
    level === 'well' ? null : `${figure(times)} times as many events are called anomalous as the budget allows`
  return part('anomalous', text, href, `${anomalyShare}, budget ${budget}`, { level, reason })
}

function drift({ drifts: { open, severity }, notices }: Status): Part {
  const href = addressOf('drift')
  if (open === 0) return part('drift', 'no drift', href, 0)
  const level = severity === 'critical' ? 'bad' : 'look'
  const reason = notices[0] ?? `${open === 1 ? 'a drift is' : `${open} drifts are`} open, ${severity ?? 'warning'}`
  return part('drift', `${count(open)} ${open === 1 ? 'drift' : 'drifts'} open`, href, open, { level, reason })
}
