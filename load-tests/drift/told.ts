/** What Shoal tells of drift while a stream is replayed, as another detector's alarms would be. */
import type { FoundDrift } from '../../src/cli/backtest/found-drifts.ts'
import type { Told } from './planted.ts'

export function toldOf({ row, kind, features, clusters, message, test, accepted }: FoundDrift): Told {
  const figures =
    test === null ? '' : ` (${test.detector}, ${test.statistic.toPrecision(3)} over ${test.threshold.toPrecision(3)})`
  const most = features.slice(0, 3).map(({ name, distance }) => `${name} ${distance.toFixed(3)}`)
  const moved = clusters
    .slice(0, 2)
    .map(({ id, before, after }) => `${id} ${before?.toFixed(3)} → ${after?.toFixed(3)}`)
  const name = kind.replace('drift.', '')
  return {
    at: row,
    kind: name,
    features: features.map((of) => of.name),
    message: `${name}${figures}${accepted === true ? ', accepted' : ''}: ${message}; features ${most.join(', ')}; clusters ${moved.join(', ')}`,
  }
}
