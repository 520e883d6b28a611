/** Events on a time line: a row for each group of kinds, a shape for each severity. */

import type { ToldEvent } from '../../../src/runtime/views/drift/told-event.ts'
import { addressOf } from '../address.ts'
import { Drawn } from '../drawn.tsx'
import { Moment, useNow } from '../times.tsx'
import { groupOf, levelOf, shapes, titleOf } from './event-look.ts'

interface TimeLineProps {
  /** Oldest first. */
  readonly events: readonly ToldEvent[]
  readonly opened: string | null
}

const rowNames: Readonly<Record<string, string>> = { drift: 'Drifts', cluster: 'Clusters', command: 'Commands' }
const leastSpanMs = 60_000
const keys = [
  ['diamond', 'critical'],
  ['triangle', 'warning'],
  ['check', 'over'],
  ['disc', 'told'],
] as const

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
            {marksOf(
              timed.filter(({ kind }) => groupOf(kind) === group),
              ({ detectedAt }) => part(detectedAt ?? from),
            ).map((mark) => (
              <Mark key={mark.shown.id} mark={mark} isOpened={mark.events.some(({ id }) => id === opened)} />
            ))}
          </ul>
        </div>
      ))}
      <p class="quiet time-ends">
        <Moment ms={from} />
        <span class="keys">
          {keys.map(([sign, text]) => (
            <span key={sign}>
              <Drawn sign={sign} /> {text}
            </span>
          ))}
        </span>
        <span>now</span>
      </p>
    </div>
  )
}

interface MarkFacts {
  readonly events: readonly ToldEvent[]
  /** The gravest of them, and of those the newest: what the mark looks like, and leads to. */
  readonly shown: ToldEvent
  readonly place: number
}

function Mark({ mark: { events, shown, place }, isOpened }: { readonly mark: MarkFacts; readonly isOpened: boolean }) {
  const more = events.length > 1 ? `, and ${events.length - 1} more` : ''
  const told = `${titleOf(shown)}: ${shown.message}${more}`
  return (
    <li style={{ left: `${place}%` }}>
      <a
        href={addressOf('drift', shown.id)}
        data-level={levelOf(shown)}
        aria-current={isOpened ? 'true' : undefined}
        aria-label={told}
        title={told}
      >
        <Drawn sign={shapes[levelOf(shown)]} />
        {events.length > 1 && <sup>{events.length}</sup>}
      </a>
    </li>
  )
}

/** As much of the line as a mark needs, in per cent: one that lies under another could not be pointed at. */
const widest = 3.2
const gravity = ['plain', 'well', 'look', 'bad']

/** Events that would lie over one another are one mark. `events`: oldest first. */
function marksOf(events: readonly ToldEvent[], placeOf: (of: ToldEvent) => number): readonly MarkFacts[] {
  const marks: { events: ToldEvent[]; shown: ToldEvent; place: number }[] = []
  for (const event of events) {
    const last = marks.at(-1)
    const place = placeOf(event)
    if (last === undefined || place - last.place >= widest) marks.push({ events: [event], shown: event, place })
    else {
      last.events.push(event)
      if (gravity.indexOf(levelOf(event)) >= gravity.indexOf(levelOf(last.shown))) last.shown = event
    }
  }
  return marks
}
