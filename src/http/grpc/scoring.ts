/** The answers of shoal.v1.Scoring: those of POST /v1/score in the words of protobuf. */
import { viewOf } from '../../core/codec/view-of.ts'
import { judgedAtOnce } from '../../stages/judge.ts'
import { type Api, apiOf, judgingBy } from '../api.ts'
import { oneEvent } from '../scoring/event-lines.ts'
import { judgement, refuseInvalid, type ScoredEvent } from '../scoring/judgement.ts'

interface ScoreRequest {
  readonly event: Buffer
}

interface ScoreBatchRequest {
  readonly events: readonly Buffer[]
  readonly explain: 'EXPLAIN_ANOMALIES' | 'EXPLAIN_ALL' | 'EXPLAIN_NONE'
}

type Outcome = { readonly scored: object } | { readonly invalid: string }

const explained = { EXPLAIN_ANOMALIES: 'anomalies', EXPLAIN_ALL: 'all', EXPLAIN_NONE: 'none' } as const

export function scoreOne(api: Api | null, { event }: ScoreRequest): object {
  const { judge, scorer, warmUp, held } = judgingBy(apiOf(api))
  const judged = judge(scorer, oneEvent(event), 1, held())
  refuseInvalid(judged, 0)
  return inProtobuf(judgement(scorer, judged, 0, warmUp, 'all'))
}

export function scoreBatch(api: Api | null, { events, explain }: ScoreBatchRequest): { outcomes: Outcome[] } {
  const { judge, scorer, warmUp } = judgingBy(apiOf(api))
  const outcomes: Outcome[] = []
  for (let from = 0; from < events.length; from += judgedAtOnce) {
    const piece = events.slice(from, from + judgedAtOnce)
    const bytes = Buffer.concat(piece)
    const valueLength = Int32Array.from(piece, ({ length }) => length)
    const valueStart = new Int32Array(piece.length)
    for (let e = 1; e < piece.length; e++) valueStart[e] = valueStart[e - 1] + valueLength[e - 1]
    const judged = judge(scorer, { bytes, view: viewOf(bytes), valueStart, valueLength }, piece.length)
    for (let e = 0; e < piece.length; e++) {
      const reason = judged.reason(e)
      if (reason !== null) outcomes.push({ invalid: reason })
      else outcomes.push({ scored: inProtobuf(judgement(scorer, judged, e, warmUp, explained[explain])) })
    }
  }
  return { outcomes }
}

function inProtobuf({ contributions = [], secondCluster, secondDistance, ...rest }: ScoredEvent): object {
  return {
    ...rest,
    ...(secondCluster == null ? {} : { secondCluster }),
    ...(secondDistance == null ? {} : { secondDistance }),
    contributions: contributions.map(({ value, expected, spread, ...of }) => ({
      ...of,
      value: asValue(value),
      expected: asValue(expected),
      ...(spread === null ? {} : { spread }),
    })),
  }
}

function asValue(value: number | string | null): object {
  if (value === null) return {}
  return typeof value === 'number' ? { number: value } : { text: value }
}
