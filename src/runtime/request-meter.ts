/** How many requests go to what the process depends on, how they end and how long they take. */
import { ShoalError } from './errors.ts'
import type { Clock, SchemaRegistry, SnapshotStore, Telemetry } from './ports.ts'

/** Does one request, and tells of it. `request` is one of few words: it becomes a label. */
export type RequestMeter = <T>(request: string, work: () => Promise<T>) => Promise<T>

export function requestMeter(
  dependency: 'kafka' | 'redis' | 'registry',
  telemetry: Telemetry,
  clock: Pick<Clock, 'now'>,
): RequestMeter {
  const inFlight = new Map<string, number>()
  const move = (request: string, by: number) => {
    const now = (inFlight.get(request) ?? 0) + by
    inFlight.set(request, now)
    telemetry.gauge('shoal_dependency_requests_in_flight', now, { dependency, request })
  }
  const ended = (request: string, startedMs: number, outcome: 'answered' | 'failed') => {
    move(request, -1)
    telemetry.count('shoal_dependency_requests_total', 1, { dependency, request, outcome })
    telemetry.observe('shoal_dependency_request_seconds', (clock.now() - startedMs) / 1000, { dependency, request })
  }
  return async (request, work) => {
    const startedMs = clock.now()
    move(request, 1)
    try {
      const answer = await work()
      ended(request, startedMs, 'answered')
      return answer
    } catch (error) {
      ended(request, startedMs, error instanceof ShoalError && !error.retriable ? 'answered' : 'failed')
      throw error
    }
  }
}

/** The same store, with every call told. What is there and cannot be used is an answer, too. */
export function meteredSnapshots(store: SnapshotStore, meter: RequestMeter): SnapshotStore {
  return {
    put: (snapshot, instead) => meter('put', () => store.put(snapshot, instead)),
    latest: (name) => meter('latest', () => store.latest(name)),
    history: (name, limit) => meter('history', () => store.history(name, limit)),
    read: (name, version) => meter('read', () => store.read(name, version)),
    close: () => store.close(),
  }
}

/** The same registry, with every call told; a lookup may be answered from memory. */
export function meteredRegistry(registry: SchemaRegistry, meter: RequestMeter): SchemaRegistry {
  return {
    register: (subject, schema) => meter('register', () => registry.register(subject, schema)),
    lookup: (id) => meter('lookup', () => registry.lookup(id)),
    close: () => registry.close(),
  }
}
