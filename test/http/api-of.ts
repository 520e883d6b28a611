/** The API of a service that a test runs on an embedded log. */
import { memoryRegistry } from '../../src/adapters/memory/registry.ts'
import { composeApi } from '../../src/compose.ts'
import type { Api } from '../../src/http/api.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import type { ServiceSettings } from '../../src/runtime/service.ts'
import { type RunningService, schemaText } from '../pipeline/harness.ts'

export function apiOf(
  service: RunningService,
  settings: ServiceSettings,
  log: EventLog,
  registry = memoryRegistry(),
): Api {
  const configuration = loadConfiguration({ text: `name: ${settings.name}`, env: {} })
  const parts = { log, registry, schema: schemaText, clock: systemClock, telemetry: service.telemetry }
  return composeApi(configuration, settings, service, parts)
}
