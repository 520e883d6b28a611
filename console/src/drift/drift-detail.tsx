/** One event: what changed by how much, before and after, and what was done about it. */

import type { OpenDrift } from '../../../src/runtime/views/drift/present.ts'
import type { DriftReport } from '../../../src/runtime/views/drift/report.ts'
import type { ToldEvent } from '../../../src/runtime/views/drift/told-event.ts'
import { addressOf } from '../address.ts'
import { BarCell } from '../bar-cell.tsx'
import { CloseLink } from '../close-link.tsx'
import { Drawn, To } from '../drawn.tsx'
import { useKinds } from '../kinds.ts'
import { count, figure, Num, percent } from '../numbers.tsx'
import { Moment } from '../times.tsx'
import { CommandButton } from '../versions/command-button.tsx'
import { Densities } from './densities.tsx'
import { kindText, levelOf, shapes, titleOf } from './event-look.ts'
import { PastDensities } from './past-densities.tsx'

interface DriftDetailProps {
  readonly event: ToldEvent
  /** Null: it is over, or was none. */
  readonly open: OpenDrift | null
  readonly asked: NonNullable<DriftReport['orders']>['asked']
  /** The version in which it was over; null: it is not, or that is not known. */
  readonly overIn: number | null
}

export function DriftDetail({ event, open, asked, overIn }: DriftDetailProps) {
  const { kind, scope, message, detectedAt, currentVersion, referenceVersion, events, reaction } = event
  const title = kind.startsWith('cluster.') ? titleOf(event) : `${titleOf(event)}, ${scope}`
  return (
    <article class="panel detail" aria-label={title}>
      <header>
        <h2>
          <span data-level={levelOf(event)} aria-hidden="true">
            <Drawn sign={shapes[levelOf(event)]} />
          </span>{' '}
          {title}
        </h2>
        {detectedAt !== null && <Moment ms={detectedAt} />}
        <CloseLink view="drift" />
      </header>
      <p class="explanation">{message}.</p>
      {asked.map(({ kind: wanted, driftId, targetVersion }) => (
        <p key={wanted} class="asked">
          Shoal asks whether to {kindText(`.${wanted}`)}
          {targetVersion > 0 && ` to version ${count(targetVersion)}`}:{' '}
          <CommandButton order={{ kind: 'approve', driftId }} /> <CommandButton order={{ kind: 'reject', driftId }} />
        </p>
      ))}
      {open !== null && open.distributions.length > 0 && <Densities of={open.distributions} />}
      {open === null && kind.startsWith('drift.') && kind !== 'drift.cleared' && (
        <PastDensities event={event} overIn={overIn} />
      )}
      {event.statistic !== null && event.threshold !== null && (
        <Statistic statistic={event.statistic} threshold={event.threshold} detector={event.detector} />
      )}
      {event.features.length > 0 && <Features of={event.features} />}
      {event.clusters.length > 0 && <Clusters of={event.clusters} isOfOne={kind.startsWith('cluster.')} />}
      <p class="quiet">
        Found in{' '}
        <a href={addressOf('versions', null, { from: String(referenceVersion), to: String(currentVersion) })}>
          version {count(currentVersion)}
        </a>
        , compared with {count(referenceVersion)}
        {events !== null && `, in ${count(events)} events`}. Reaction:{' '}
        {reaction === 'none' ? 'none, it is only told' : kindText(`.${reaction}`)}.
      </p>
    </article>
  )
}

function Statistic({
  statistic,
  threshold,
  detector,
}: {
  statistic: number
  threshold: number
  detector: string | null
}) {
  const most = 1.1 * Math.max(statistic, threshold)
  return (
    <>
      <h3>Statistic{detector !== null && ` of ${detector}`}</h3>
      <div class="gauge" data-over={statistic > threshold}>
        <i class="bar" style={{ width: `${(100 * statistic) / most}%` }} />
        <i class="limit" style={{ left: `${(100 * threshold) / most}%` }} />
      </div>
      <p class="quiet">
        <Num value={statistic} /> where more than <Num value={threshold} /> counts as changed
      </p>
    </>
  )
}

function Features({ of }: { readonly of: ToldEvent['features'] }) {
  const kindOf = useKinds()
  // Of what is no number: the share of the value that has changed most.
  const asOf = (feature: string) => ((kindOf(feature) ?? 'number') === 'number' ? figure : percent)
  return (
    <div class="scrolls">
      <table>
        <thead>
          <tr>
            <th scope="col">Feature</th>
            <th scope="col" class="right">
              Before
            </th>
            <th scope="col" class="right">
              After
            </th>
            <th scope="col">Share of the change</th>
          </tr>
        </thead>
        <tbody>
          {of.map(({ feature, before, after, share }) => (
            <tr key={feature}>
              <th scope="row">{feature}</th>
              <td class="right">
                <Num value={before} as={asOf(feature)} />
              </td>
              <td class="right">
                <Num value={after} as={asOf(feature)} />
              </td>
              <BarCell value={share} as={percent} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** `isOfOne`: the first is what the event is about, and the others have a part in its events. */
function Clusters({ of, isOfOne }: { readonly of: ToldEvent['clusters']; readonly isOfOne: boolean }) {
  return (
    <ul class="cluster-changes">
      {of.slice(0, 5).map(({ cluster, before, after, share }, i) => (
        <li key={cluster}>
          <a href={addressOf('overview', null, { cluster: String(cluster) })}>cluster {cluster}</a>{' '}
          {before === null || after === null ? (
            <>
              <Num value={share} as={percent} /> of {isOfOne && i > 0 ? 'its' : 'the'} events
            </>
          ) : (
            <>
              <Num value={before} as={percent} />
              <To />
              <Num value={after} as={percent} /> of the events
            </>
          )}
        </li>
      ))}
    </ul>
  )
}
