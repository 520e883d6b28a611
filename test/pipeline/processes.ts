/** Processes that come and go on an embedded log, which soon forgets one that is silent. */
import type { MemoryClient } from '../../src/adapters/memory/client.ts'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { memoryRegistry } from '../../src/adapters/memory/registry.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { ServiceSettings } from '../../src/runtime/service.ts'
import { type RunningService, run } from './harness.ts'

export class Processes {
  readonly registry = memoryRegistry()
  readonly log: MemoryClient
  private readonly cluster: MemoryCluster
  private readonly running = new Map<RunningService, MemoryClient>()

  constructor() {
    this.cluster = new MemoryCluster({ clock: systemClock, sessionTimeoutMs: 300, transactionTimeoutMs: 500 })
    this.log = this.cluster.client()
  }

  start(settings: ServiceSettings): RunningService {
    const client = this.cluster.client()
    const service = run(settings, client, null, { registry: this.registry })
    this.running.set(service, client)
    return service
  }

  async stop(service: RunningService): Promise<void> {
    this.running.delete(service)
    await service.stop()
  }

  /** Nothing that it says is heard until what is given is called. */
  fallSilent(service: RunningService): () => void {
    return this.running.get(service)!.fallSilent()
  }

  /** How all that run are, in words. */
  line(): string {
    return [...this.running.keys()].map(({ health }) => health.line()).join('; ')
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.running.keys()].map((service) => service.stop()))
  }
}
