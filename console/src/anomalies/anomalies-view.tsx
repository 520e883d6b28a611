/** What was unusual, newest first, and why. */
import type { HTMLAttributes } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { AnomalyView } from '../../../src/runtime/views/anomaly-view.ts'
import { type Address, addressOf } from '../address.ts'
import { useResource } from '../api/client.ts'
import { count, percent } from '../numbers.tsx'
import { Panel } from '../panel.tsx'
import { Ago } from '../times.tsx'
import { AnomalyDetail } from './anomaly-detail.tsx'
import { CausesPanel } from './causes-panel.tsx'
import { type Group, groupsOf, idOf } from './groups.ts'

interface Anomalies {
  readonly anomalies: readonly AnomalyView[]
}

const most = 250

export function AnomaliesView({ address: { item } }: { readonly address: Address }) {
  const list = useResource<Anomalies>(`v1/anomalies?limit=${most}`, 5000)
  const [held, isHeld, holding] = useHeld(list)
  const { value } = list
  return (
    <div class="two-columns" data-opened={item !== null}>
      <Panel
        title="Anomalies"
        of={held}
        aside={
          <p class="quiet">
            {isHeld
              ? 'held still while you point at them'
              : `the newest ${count(value?.anomalies.length ?? 0)}, newest first`}
          </p>
        }
        empty={({ anomalies }) =>
          anomalies.length === 0
            ? 'No event has been called anomalous yet. The first one stands here within seconds.'
            : null
        }
      >
        {({ anomalies }) => (
          <div {...holding}>
            <Groups anomalies={anomalies} opened={item} />
          </div>
        )}
      </Panel>
      {item !== null ? <AnomalyDetail key={item} id={item} /> : <CausesPanel of={list} />}
    </div>
  )
}

/** A list that changes while one reaches for a line of it cannot be used: it stays as it is as long as it is pointed at. */
function useHeld<T>(now: T & { readonly value: unknown }): readonly [T, boolean, HTMLAttributes<HTMLDivElement>] {
  const [held, hold] = useState<T | null>(null)
  const holding = {
    onMouseEnter: () => hold(now),
    onMouseLeave: () => hold(null),
    onFocusIn: () => hold((before) => before ?? now),
    onFocusOut: () => hold(null),
  }
  return [held ?? now, held !== null, holding]
}

function Groups({ anomalies, opened }: { readonly anomalies: readonly AnomalyView[]; readonly opened: string | null }) {
  const groups = useMemo(() => groupsOf(anomalies), [anomalies])
  return (
    <ul class="groups">
      {groups.map((group) => (
        <li key={`${group.kind} ${group.name}`}>
          {group.kind === 'single' ? (
            <Line anomaly={group.anomalies[0]} opened={opened} />
          ) : (
            <Gathered group={group} opened={opened} />
          )}
        </li>
      ))}
    </ul>
  )
}

const mostOfGroup = 20

function Gathered({
  group: { name, kind, anomalies },
  opened,
}: {
  readonly group: Group
  readonly opened: string | null
}) {
  const isOpened = anomalies.some((of) => idOf(of) === opened)
  return (
    <details open={isOpened}>
      <summary>
        <span class="who">{kind === 'entity' ? name : `Again: ${name}`}</span>
        <span class="times">{count(anomalies.length)} times</span>
        <span class="quiet when">
          <Ago ms={anomalies[0].atMs} /> ago
        </span>
        <span class="why">{anomalies[0].sentence}</span>
      </summary>
      <ul>
        {anomalies.slice(0, mostOfGroup).map((anomaly) => (
          <li key={idOf(anomaly)}>
            <Line anomaly={anomaly} opened={opened} />
          </li>
        ))}
      </ul>
    </details>
  )
}

function Line({ anomaly, opened }: { readonly anomaly: AnomalyView; readonly opened: string | null }) {
  const { key, eventId, atMs, sentence, score } = anomaly
  const id = idOf(anomaly)
  return (
    <a class="anomaly" href={addressOf('anomalies', id)} aria-current={id === opened ? 'true' : undefined}>
      <span class="who">{key ?? eventId}</span>
      <span class="times num" title={`score ${score}`}>
        rarer than {percent(score)}
      </span>
      <span class="quiet when">
        <Ago ms={atMs} /> ago
      </span>
      <span class="why">{sentence}</span>
    </a>
  )
}
