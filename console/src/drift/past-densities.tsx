/** Before and after of a drift that is over: as the last version knew them in which it was open, if one is kept. */
import type { OpenDrift } from '../../../src/runtime/views/drift/present.ts'
import type { ToldEvent } from '../../../src/runtime/views/drift/told-event.ts'
import { useResource } from '../api/client.ts'
import { Densities } from './densities.tsx'

interface PastDensitiesProps {
  readonly event: ToldEvent
  readonly overIn: number | null
}

interface DriftsOfVersion {
  readonly version: number | null
  readonly open: readonly OpenDrift[]
}

export function PastDensities({ event: { driftId, currentVersion }, overIn }: PastDensitiesProps) {
  const version = Math.max(1, (overIn ?? currentVersion + 1) - 1)
  const { value, problem } = useResource<DriftsOfVersion>(`v1/versions/${version}/drifts`, 3_600_000)
  if (value === null) return problem === null ? <p class="quiet">Looking for how the values lay …</p> : null
  const drift = value.open.find((of) => of.driftId === driftId)
  if (drift !== undefined && drift.distributions.length > 0) return <Densities of={drift.distributions} />
  return (
    <p class="quiet">
      This drift is over, and no version is kept in which it was open: how the values lay before and after is not known
      any more.
    </p>
  )
}
