/** What a worker is told of roles where there is but one deployment, or where it is the first. */

import type { Health } from '../../../src/runtime/health.ts'
import type { Clock, EventLog, Telemetry } from '../../../src/runtime/ports.ts'
import { Frontier } from '../../../src/runtime/primary/frontier.ts'
import type { HandOverTopics } from '../../../src/runtime/primary/hand-overs.ts'
import { Primaries } from '../../../src/runtime/primary/primaries.ts'
import type { RoleOptions } from '../../../src/runtime/primary/roles.ts'
import type { ServiceSettings } from '../../../src/runtime/service.ts'

interface Parts {
  readonly log: EventLog
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly health: Health
}

/** The topic of primaries must be there; it is followed until the signal fires, which `done` waits for. */
export function firstDeployment(
  { name, topics, shadow }: Pick<ServiceSettings, 'name' | 'topics' | 'shadow'>,
  { log, clock, telemetry, health }: Parts,
  signal: AbortSignal,
): { readonly roles: RoleOptions; readonly handOvers: HandOverTopics; readonly done: Promise<unknown> } {
  const primaries = new Primaries({ topic: topics.primary, first: shadow.of ?? name, log, telemetry, health })
  const frontier = new Frontier({ input: topics.input, log, clock, health })
  const done = Promise.all([primaries.run(signal), frontier.run(signal)])
  const place = { name, topic: topics.primary, input: topics.input, beginsAt: shadow.beginsAt }
  return {
    roles: { ...place, log, clock, telemetry, primaries, frontier },
    handOvers: {
      primary: { topic: topics.primary, schemaId: 1 },
      driftEvents: { topic: topics.driftEvents, schemaId: 2, name },
    },
    done,
  }
}
