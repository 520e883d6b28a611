/** What Shoal depends on: its state, and since when it is so. */
import type { Status } from '../../../src/http/status.ts'
import { Drawn } from '../drawn.tsx'
import { Ago, Moment } from '../times.tsx'

const levels: Readonly<Record<string, 'well' | 'bad' | 'plain'>> = { well: 'well', failing: 'bad', unused: 'plain' }
const signs = { well: 'check', bad: 'diamond' } as const

export function Dependencies({ status }: { readonly status: Status }) {
  return (
    <ul class="dependencies">
      {status.dependencies.map(({ name, state, sinceMs, reason }) => {
        const level = levels[state] ?? 'plain'
        return (
          <li key={name} data-level={level}>
            <span class="sign" aria-hidden="true">
              {level === 'plain' ? '–' : <Drawn sign={signs[level]} />}
            </span>
            <b>{name}</b> <span>{state}</span>
            {state !== 'unused' && (
              <span class="quiet">
                since <Moment ms={sinceMs} />, for <Ago ms={sinceMs} />
              </span>
            )}
            {reason !== null && <span class="reason">{reason}</span>}
          </li>
        )
      })}
    </ul>
  )
}
