/** What has changed in the stream and in the clusters: open drifts, the time line, how near the detectors are. */

import type { DriftReport } from '../../../src/runtime/views/drift/report.ts'
import type { ToldEvent } from '../../../src/runtime/views/drift/told-event.ts'
import { type Address, addressOf } from '../address.ts'
import { useResource } from '../api/client.ts'
import { Drawn } from '../drawn.tsx'
import { Panel } from '../panel.tsx'
import { Detectors } from './detectors.tsx'
import { DriftDetail } from './drift-detail.tsx'
import { EventList } from './event-list.tsx'
import { TimeLine } from './time-line.tsx'

export function DriftView({ address: { item } }: { readonly address: Address }) {
  const report = useResource<DriftReport>('v1/drifts?limit=200', 5000)
  return (
    <div class="drift" data-opened={item !== null}>
      <Panel
        title="Drift"
        of={report}
        class="drift-events"
        aside={report.value === null ? null : <Standing report={report.value} />}
        empty={({ events }) =>
          events.length === 0
            ? 'Nothing has changed since the model was born. What changes is told here within seconds: drifts, the lives of clusters, and commands.'
            : null
        }
      >
        {({ events }) => (
          <>
            <TimeLine events={events} opened={item} />
            <EventList events={events.toReversed()} opened={item} />
          </>
        )}
      </Panel>
      <div class="drift-side">
        {item !== null && report.value !== null && <Opened id={item} report={report.value} />}
        <Detectors report={report} />
      </div>
    </div>
  )
}

function Standing({ report: { open, orders } }: { readonly report: DriftReport }) {
  if (open.length === 0) return <p class="quiet">none is open</p>
  return (
    <p class="standing">
      {open.map(({ id, scope, severity }) => (
        <a key={id} href={addressOf('drift', id)} data-level={severity === 'critical' ? 'bad' : 'look'}>
          <Drawn sign={severity === 'critical' ? 'diamond' : 'triangle'} /> open: {scope}
        </a>
      ))}
      {(orders?.asked.length ?? 0) > 0 && <span>an answer is awaited</span>}
    </p>
  )
}

function Opened({ id, report }: { readonly id: string; readonly report: DriftReport }) {
  const open = report.open.find((of) => of.id === id)
  const event: ToldEvent | undefined = report.events.find((of) => of.id === id) ?? open
  if (event === undefined) return <p class="panel empty">This event is not among the newest ones.</p>
  const asked = report.orders?.asked.filter(({ driftId }) => driftId === event.driftId) ?? []
  const over = report.events.find(({ kind, driftId }) => kind === 'drift.cleared' && driftId === event.driftId)
  const overIn = over?.currentVersion ?? null
  return <DriftDetail key={id} event={event} open={open ?? null} asked={asked} overIn={overIn} />
}
