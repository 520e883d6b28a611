/** What the newest anomalies have in common: which features explain them, near which clusters, of whom. */
import type { ComponentChildren } from 'preact'
import type { AnomalyView } from '../../../src/runtime/views/anomaly-view.ts'
import { addressOf } from '../address.ts'
import type { Loaded } from '../api/resource.ts'
import { count, percent } from '../numbers.tsx'
import { Panel } from '../panel.tsx'
import { pointsAt, usePointed } from '../pointed.ts'

interface Anomalies {
  readonly anomalies: readonly AnomalyView[]
}

const mostTold = 6

export function CausesPanel({ of }: { readonly of: Loaded<Anomalies> & { readonly again: () => void } }) {
  return (
    <Panel
      title="What they have in common"
      of={of}
      empty={({ anomalies }) => (anomalies.length === 0 ? 'Nothing yet.' : null)}
    >
      {({ anomalies }) => <Causes anomalies={anomalies} />}
    </Panel>
  )
}

function Causes({ anomalies }: Anomalies) {
  const pointed = usePointed()
  const features = counted(anomalies.map(({ contributions: [first] }) => first?.feature ?? 'nothing alone'))
  const clusters = counted(anomalies.map(({ cluster }) => cluster))
  const entities = counted(anomalies.flatMap(({ key }) => (key === null ? [] : [key]))).filter(({ times }) => times > 1)
  return (
    <div class="causes">
      <h3>Explained most by</h3>
      <ul>
        {features.map(({ of, times }) => (
          <Bar key={of} name={of} times={times} all={anomalies.length} />
        ))}
      </ul>
      <h3>Nearest to</h3>
      <ul>
        {clusters.map(({ of, times }) => (
          <Bar
            key={of}
            name={<a href={addressOf('overview', null, { cluster: String(of) })}>cluster {of}</a>}
            times={times}
            all={anomalies.length}
            rest={pointsAt(pointed, of)}
          />
        ))}
      </ul>
      {entities.length > 0 && (
        <>
          <h3>Of whom more than once</h3>
          <p class="entities">{entities.map(({ of, times }) => `${of} (${count(times)})`).join(', ')}</p>
        </>
      )}
    </div>
  )
}

interface BarProps {
  readonly name: ComponentChildren
  readonly times: number
  readonly all: number
  readonly rest?: ReturnType<typeof pointsAt>
}

function Bar({ name, times, all, rest }: BarProps) {
  return (
    <li {...rest}>
      <span>{name}</span>
      <span class="track">
        <i class="bar" style={{ width: `${(100 * times) / all}%` }} />
      </span>
      <span class="right num" title={`${times} of ${all}`}>
        {percent(times / all)}
      </span>
    </li>
  )
}

/** The most frequent first. */
function counted<T>(values: readonly T[]): readonly { readonly of: T; readonly times: number }[] {
  const times = new Map<T, number>()
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1)
  return [...times]
    .map(([of, n]) => ({ of, times: n }))
    .sort((a, b) => b.times - a.times)
    .slice(0, mostTold)
}
