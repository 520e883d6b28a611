/** What Shoal tells of drift while a stream is replayed, as another detector's alarms would be. */
import type { FoundDrift } from '../../src/cli/backtest/found-drifts.ts'
import { shown } from '../quality/line.ts'
import type { Told } from './planted.ts'

const mostNamed = 3

export function toldOf({ row, kind, features, clusters, message, test, accepted }: FoundDrift): Told {
  const name = kind.replace('drift.', '')
  const figures =
    test === null ? '' : ` (${test.detector}, ${test.statistic.toPrecision(3)} over ${test.threshold.toPrecision(3)})`
  const end = accepted === null ? '' : accepted ? ', accepted' : ', as before'
  const most = features.slice(0, mostNamed).map((of) => `${of.name} ${shown(of.distance)}`)
  const moved = clusters
    .slice(0, mostNamed)
    .map(({ id, before, after }) => `${id}: ${shown(before)} to ${shown(after)}`)
  return {
    at: row,
    kind: name,
    features: features.map((of) => of.name),
    message: [
      `${name}${figures}${end}: ${message}`,
      ...(most.length === 0 ? [] : [`features ${most.join(', ')}`]),
      ...(moved.length === 0 ? [] : [`clusters ${moved.join(', ')}`]),
    ].join('; '),
  }
}
