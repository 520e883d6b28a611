/** Records outside any group's work: an idempotent producer, one call after the other. */
import type { Outputs } from '../../stages/records.ts'
import type { Cluster } from './cluster.ts'
import { lane } from './connection.ts'
import type { Settings } from './options.ts'
import { OutputSet } from './output-set.ts'
import { persist } from './persistence.ts'
import { produceRounds } from './producer.ts'
import type { TopicLimits } from './topic-limits.ts'
import { initProducerId, type ProducerIdentity } from './transaction-requests.ts'

export class Publisher {
  readonly #settings: Settings
  readonly #cluster: Cluster
  readonly #limits: TopicLimits
  #queue: Promise<void> = Promise.resolve()

  constructor(settings: Settings, cluster: Cluster, limits: TopicLimits) {
    this.#settings = settings
    this.#cluster = cluster
    this.#limits = limits
  }

  /** Resolves when all replicas have it all; when it rejects, some of it may be there. */
  async publish(write: (outputs: Outputs) => void, connect: () => Promise<void>): Promise<void> {
    const outputs = new OutputSet(this.#limits.of, false)
    write(outputs)
    const sent = this.#queue.then(connect).then(() => this.#send(outputs))
    this.#queue = sent.catch(() => undefined)
    await sent
  }

  async #send(outputs: OutputSet): Promise<void> {
    const { clock, patienceMs, compression } = this.#settings
    await outputs.finish(compression)
    await this.#limits.hold(outputs)
    const deadlineMs = clock.now() + patienceMs
    // A producer id of its own for every call: sequence numbers begin at 0, and a failed call leaves nothing behind
    // that the next would have to know.
    const who = await this.#newIdentity(deadlineMs)
    await produceRounds(outputs.rounds(), {
      cluster: this.#cluster,
      clock,
      transactionalId: null,
      who,
      version: 11,
      deadlineMs,
    })
  }

  async #newIdentity(deadlineMs: number): Promise<ProducerIdentity> {
    return persist(
      'asking for a producer id',
      async () =>
        this.#cluster.send(
          await this.#cluster.anyNode(),
          lane.requests,
          initProducerId(null, this.#settings.transactionTimeoutMs),
        ),
      { clock: this.#settings.clock, deadlineMs },
    )
  }
}
