/** What is usual of the entity, where profiles are kept of it. */
import type { Explanation } from '../../../src/runtime/configuration/explain.ts'
import type { ProfileView } from '../../../src/runtime/views/profile-view.ts'
import { useResource } from '../api/client.ts'
import { count, duration, figure, Num } from '../numbers.tsx'
import { Ago } from '../times.tsx'

export function EntityProfile({ entity }: { readonly entity: string }) {
  const { value } = useResource<Explanation>('v1/configuration', 3_600_000)
  const field = value?.profiles.key ?? null
  return field === null ? null : <Profile field={field} entity={entity} />
}

function Profile({ field, entity }: { readonly field: string; readonly entity: string }) {
  const { value, problem } = useResource<ProfileView>(
    `v1/profiles/${encodeURIComponent(field)}/${encodeURIComponent(entity)}`,
    10_000,
  )
  if (value === null && problem === null) return null
  return (
    <>
      <h3>
        Usual of {field} {entity}
      </h3>
      {value === null ? (
        <p class="quiet">{problem?.message}.</p>
      ) : (
        <>
          <dl class="centroid-values">
            {value.usual.map(({ features, mean, deviation }) => (
              <div key={features.join()}>
                <dt>{features.join(', ')}</dt>
                <dd>
                  <Num value={mean} /> <span class="quiet">± {figure(deviation)}</span>
                </dd>
              </div>
            ))}
            {value.recent.map(({ spanMs, events }) => (
              <div key={spanMs}>
                <dt>events in {duration(spanMs / 1000)}</dt>
                <dd>
                  <Num value={events} />
                </dd>
              </div>
            ))}
          </dl>
          <p class="quiet">
            {count(value.events)} events met, the newest <Ago ms={value.newestMs} /> ago.
          </p>
        </>
      )}
    </>
  )
}
