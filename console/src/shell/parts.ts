/** The parts of the first sentence, as every surface of Shoal says it; here each with why, and where it is explained. */
import type { Status } from '../../../src/http/status.ts'
import { type Gravity, statusSentence } from '../../../src/runtime/views/status-sentence.ts'
import { addressOf } from '../address.ts'
import { count, duration, figure, percent } from '../numbers.tsx'

export interface Part {
  readonly name: string
  readonly text: string
  readonly gravity: Gravity
  readonly reason: string | null
  readonly href: string
  /** All digits, for who points at it. */
  readonly exact: string
}

/** In the order of the sentence: the last three are there when there is a model. */
export function partsOf(status: Status): readonly Part[] {
  const about = [serving, throughput, lag, clusters, anomalous, drift]
  return statusSentence(status).map(({ text, gravity }, i) => {
    const { reason, ...rest } = about[i](status)
    return { text, gravity, reason: gravity === 'well' ? null : reason, ...rest }
  })
}

type About = Pick<Part, 'name' | 'reason' | 'href' | 'exact'>

function serving({ state, model }: Status): About {
  const isFrozen = model?.frozen === true && state === 'serving'
  return {
    name: 'state',
    reason: isFrozen ? 'Learning is frozen: events are scored, and nothing is learned from them.' : null,
    href: addressOf(state === 'serving' ? 'versions' : 'pipeline'),
    exact: model === null ? state : `version ${model.version}`,
  }
}

function throughput({ throughput: { eventsPerSecond } }: Status): About {
  return {
    name: 'throughput',
    reason: eventsPerSecond === null ? null : 'Events wait, and none is being read.',
    href: addressOf('overview', null, { at: 'throughput' }),
    exact: eventsPerSecond === null ? 'not known' : `${eventsPerSecond} events/s`,
  }
}

function lag({ lag: { seconds, events } }: Status): About {
  const known = seconds !== null && events !== null
  return {
    name: 'lag',
    reason: known ? `${count(events)} events wait, the oldest for ${duration(seconds)}.` : null,
    href: addressOf('pipeline'),
    exact: known ? `${seconds} s, ${events} events` : 'not known',
  }
}

function clusters({ model }: Status): About {
  const href = addressOf('overview', null, { at: 'clusters' })
  return { name: 'clusters', reason: null, href, exact: String(model?.k) }
}

function anomalous({ model }: Status): About {
  const [share, budget] = [model?.anomalyShare ?? 0, model?.budget ?? 1]
  return {
    name: 'anomalous',
    reason:
      share > budget
        ? `${figure(share / budget)} times as many events are called anomalous as the budget allows.`
        : `Only ${percent(share / budget)} of the budget is used: what is unusual may go unseen.`,
    href: addressOf('anomalies'),
    exact: `${model?.anomalyShare}, budget ${model?.budget}`,
  }
}

function drift({ drifts: { open }, notices }: Status): About {
  return { name: 'drift', reason: notices[0] ?? null, href: addressOf('drift'), exact: String(open) }
}
