/** Events on a time line: a row for each group of kinds, a shape for each severity. */

import type { ToldEvent } from '../../../src/runtime/views/drift/told-event.ts'
import { addressOf } from '../address.ts'
import { Moment, useNow } from '../times.tsx'
import { groupOf, kindText, levelOf, shapes } from './event-look.ts'

interface TimeLineProps {
  /** Oldest first. */
  readonly events: readonly ToldEvent[]
  readonly opened: string | null
}

const rowNames: Readonly<Record<string, string>> = { drift: 'Drifts', cluster: 'Clusters', command: 'Commands' }
const leastSpanMs = 60_000

export function TimeLine({ events, opened }: TimeLineProps) {
  const now = useNow(5000)
  const timed = events.filter(({ detectedAt }) => detectedAt !== null)
  const from = Math.min(timed[0]?.detectedAt ?? now, now - leastSpanMs)
  const part = (ms: number) => 100 * Math.min(1, Math.max(0, (ms - from) / (now - from)))
  return (
    <div class="time-line">
      {Object.entries(rowNames).map(([group, name]) => (
        <div key={group} class="time-row">
          <span class="row-name">{name}</span>
          <ul aria-label={name}>
            {apart(
              timed.filter(({ kind }) => groupOf(kind) === group),
              ({ detectedAt }) => part(detectedAt ?? from),
            ).map(({ of: event, place }) => (
              <li key={event.id} style={{ left: `${place}%` }}>
                <a
                  href={addressOf('drift', event.id)}
                  data-level={levelOf(event)}
                  aria-current={event.id === opened ? 'true' : undefined}
                  aria-label={`${kindText(event.kind)}: ${event.message}`}
                  title={`${kindText(event.kind)}: ${event.message}`}
                >
                  {shapes[levelOf(event)]}
                </a>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <p class="quiet time-ends">
        <Moment ms={from} />
        <span>◆ critical ▲ warning ✓ over ● told</span>
        <span>now</span>
      </p>
    </div>
  )
}

/** As much of the line as a mark needs, in per cent: one that lies under another could not be pointed at. */
const widest = 2.6

/** Places in order, moved apart where they would lie over each other, but never beyond the end. */
function apart<T>(
  events: readonly T[],
  placeOf: (of: T) => number,
): readonly { readonly of: T; readonly place: number }[] {
  const gap = Math.min(widest, 100 / Math.max(1, events.length))
  const places = events.map(placeOf)
  for (let i = 1; i < places.length; i++) places[i] = Math.max(places[i], places[i - 1] + gap)
  for (let i = places.length - 1, most = 100; i >= 0; i--, most -= gap) places[i] = Math.min(places[i], most)
  return events.map((of, i) => ({ of, place: places[i] }))
}
