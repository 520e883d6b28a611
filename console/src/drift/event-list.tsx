/** The same events as sentences, newest first. */

import { useState } from 'preact/hooks'
import type { ToldEvent } from '../../../src/runtime/views/drift/told-event.ts'
import { addressOf } from '../address.ts'
import { Drawn } from '../drawn.tsx'
import { Ago } from '../times.tsx'
import { groupOf, levelOf, shapes, titleOf } from './event-look.ts'

const groups = ['all', 'drift', 'cluster', 'command'] as const

export function EventList({
  events,
  opened,
}: {
  readonly events: readonly ToldEvent[]
  readonly opened: string | null
}) {
  const [group, choose] = useState<(typeof groups)[number]>('all')
  const shown = events.filter(({ kind }) => group === 'all' || groupOf(kind) === group)
  return (
    <>
      <fieldset class="filter">
        <legend class="seen-by-readers">Kinds that are listed</legend>
        {groups.map((name) => (
          <label key={name}>
            <input type="radio" name="kinds" checked={name === group} onChange={() => choose(name)} />
            {name}
          </label>
        ))}
      </fieldset>
      {shown.length === 0 && <p class="empty">Nothing of this kind has been told.</p>}
      <ul class="events">
        {shown.map((event) => (
          <li key={event.id}>
            <a href={addressOf('drift', event.id)} aria-current={event.id === opened ? 'true' : undefined}>
              <span class="shape" data-level={levelOf(event)} aria-hidden="true">
                <Drawn sign={shapes[levelOf(event)]} />
              </span>
              <span class="kind">{titleOf(event)}</span>
              <span class="quiet when">
                {event.detectedAt !== null && (
                  <>
                    <Ago ms={event.detectedAt} /> ago
                  </>
                )}
              </span>
              <span class="message">{event.message}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  )
}
