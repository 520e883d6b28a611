/** What else was unusual of the same entity, over time. */

import type { AnomalyView } from '../../../src/runtime/views/anomaly-view.ts'
import { addressOf } from '../address.ts'
import { useResource } from '../api/client.ts'
import { count, figure } from '../numbers.tsx'
import { localTime, utc } from '../times.tsx'
import { idOf } from './groups.ts'

export function EntityHistory({ anomaly }: { readonly anomaly: AnomalyView }) {
  return anomaly.key === null ? null : <HistoryOf entity={anomaly.key} anomaly={anomaly} />
}

interface HistoryOfProps {
  readonly entity: string
  readonly anomaly: AnomalyView
}

function HistoryOf({ entity, anomaly }: HistoryOfProps) {
  const path = `v1/anomalies?limit=50&key=${encodeURIComponent(entity)}`
  const { value } = useResource<{ readonly anomalies: readonly AnomalyView[] }>(path, 10_000)
  const own = value?.anomalies ?? []
  const all = own.some((of) => idOf(of) === idOf(anomaly)) ? own : [...own, anomaly]
  return (
    <>
      <h3>Of {entity} lately</h3>
      {all.length < 2 ? (
        <p class="quiet">Nothing else of {entity} was unusual among the newest anomalies.</p>
      ) : (
        <>
          <Line anomalies={all.toSorted((a, b) => a.atMs - b.atMs)} opened={idOf(anomaly)} />
          <p class="quiet">
            {`${count(all.length)} anomalies: the higher, the farther from all that is usual (remoteness, in spreads).`}
          </p>
        </>
      )}
    </>
  )
}

const [width, height, margin] = [520, 110, 14]

function Line({ anomalies, opened }: { readonly anomalies: readonly AnomalyView[]; readonly opened: string }) {
  const [first, last] = [anomalies[0].atMs, anomalies[anomalies.length - 1].atMs]
  const most = Math.max(...anomalies.map(({ remoteness }) => remoteness), Number.MIN_VALUE)
  // Of one moment, they lie side by side in their order.
  const part = (i: number) =>
    last > first ? (anomalies[i].atMs - first) / (last - first) : (i + 0.5) / anomalies.length
  const x = (i: number) => margin + part(i) * (width - 2 * margin)
  const y = (remoteness: number) => height - margin - (remoteness / most) * (height - 2 * margin)
  return (
    <figure class="entity">
      <svg viewBox={`0 0 ${width} ${height}`}>
        <title>Remoteness of its anomalies over time</title>
        <line x1={0} x2={width} y1={height - margin} y2={height - margin} class="base" />
        <polyline points={anomalies.map((of, i) => `${x(i)},${y(of.remoteness)}`).join(' ')} class="thread" />
        {anomalies.map((of, i) => (
          <a key={idOf(of)} href={addressOf('anomalies', idOf(of))} aria-label={told(of)}>
            <title>{told(of)}</title>
            <circle
              cx={x(i)}
              cy={y(of.remoteness)}
              r={idOf(of) === opened ? 6 : 4}
              class={idOf(of) === opened ? 'this' : ''}
            />
          </a>
        ))}
      </svg>
      <figcaption class="quiet">
        <span>{localTime(first)}</span>
        <span>up to {figure(most)}</span>
        <span>{localTime(last)}</span>
      </figcaption>
    </figure>
  )
}

function told({ atMs, remoteness, sentence }: AnomalyView): string {
  return `${localTime(atMs)} (${utc(atMs)}), remoteness ${remoteness}: ${sentence}`
}
