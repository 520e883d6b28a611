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
            {timed
              .filter(({ kind }) => groupOf(kind) === group)
              .map((event) => (
                <li key={event.id} style={{ left: `${part(event.detectedAt ?? from)}%` }}>
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
