/** The commands that are about the model as a whole, and the last ones that it has come to. */

import type { DeedView } from '../../../src/runtime/views/control-view.ts'
import type { ModelView } from '../../../src/runtime/views/model-view.ts'
import type { Loaded } from '../api/resource.ts'
import { Drawn } from '../drawn.tsx'
import { count, Num, percent } from '../numbers.tsx'
import { Panel } from '../panel.tsx'
import { Moment } from '../times.tsx'
import { CommandButton } from './command-button.tsx'

const mostDeeds = 8

export function SteerPanel({ model }: { readonly model: Loaded<ModelView> & { readonly again: () => void } }) {
  return (
    <Panel title="Steer" of={model} class="steer">
      {({ frozen, budget, deeds, healthyVersion }) => (
        <>
          <p class="buttons">
            <CommandButton order={{ kind: frozen === null ? 'freeze' : 'resume' }} />
            <CommandButton order={{ kind: 'rollback', to: null }} />
            <CommandButton order={{ kind: 'refit' }} />
            <CommandButton order={{ kind: 'reseed' }} />
            <CommandButton order={{ kind: 'budget', budget }} />
          </p>
          <p class="quiet">
            {frozen !== null && `Frozen since version ${count(frozen.sinceVersion)}. `}
            Last healthy version {count(healthyVersion)}; budget <Num value={budget} as={percent} />.
          </p>
          {deeds.length === 0 ? (
            <p class="quiet">No command has been given yet.</p>
          ) : (
            <ul class="deeds">
              {deeds.slice(0, mostDeeds).map((deed) => (
                <DeedLine key={`${deed.version} ${deed.kind}`} deed={deed} />
              ))}
            </ul>
          )}
        </>
      )}
    </Panel>
  )
}

function DeedLine({ deed: { version, kind, refused, reason, by, atMs, targetVersion } }: { readonly deed: DeedView }) {
  return (
    <li data-kind={kind}>
      <b>
        {kind}
        {targetVersion > 0 && ` ${count(targetVersion)}`}
      </b>{' '}
      {refused === '' ? (
        `applied in version ${count(version)}`
      ) : (
        <span data-level="look">
          <Drawn sign="triangle" /> refused: {refused}
        </span>
      )}{' '}
      <span class="quiet">
        by {by}, <Moment ms={atMs} />
      </span>
      <span class="reason">{reason}</span>
    </li>
  )
}
