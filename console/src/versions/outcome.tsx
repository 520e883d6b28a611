/** What became of a command. */

import type { DeedView } from '../../../src/runtime/views/control-view.ts'
import type { ApiProblem } from '../api/request.ts'
import { Drawn } from '../drawn.tsx'
import { count } from '../numbers.tsx'
import { Moment } from '../times.tsx'

export type Told =
  | { readonly state: 'waiting' }
  /** In the log; the trainer has not come to it. */
  | { readonly state: 'written' }
  | { readonly state: 'done'; readonly deeds: readonly DeedView[] }
  | { readonly state: 'refused'; readonly problem: ApiProblem }

export function Outcome({ told }: { readonly told: Told }) {
  switch (told.state) {
    case 'waiting':
      return <p class="outcome">Written; waiting for the trainer to come to it …</p>
    case 'written':
      return <p class="outcome">It is in the log and not done yet: it will be, as soon as a process trains.</p>
    case 'refused':
      return (
        <p class="outcome" data-level="bad">
          {told.problem.code === 'access.denied' ? 'Not allowed' : 'Not done'}: {told.problem.message}.{' '}
          {told.problem.remedy}
        </p>
      )
    case 'done':
      return (
        <>
          {told.deeds.map(({ version, by, atMs, kind }) => (
            <p key={version} class="outcome" data-level="well">
              <Drawn sign="check" /> {kind} applied in version {count(version)}, given by {by} at <Moment ms={atMs} />.
            </p>
          ))}
        </>
      )
  }
}
