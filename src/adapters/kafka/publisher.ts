/** Records outside any group's work: an idempotent producer, one call after the other. */
import type { Outputs } from '../../stages/records.ts'
import type { Cluster } from './cluster.ts'
import { lane } from './connection.ts'
import type { Settings } from './options.ts'
import { OutputSet } from './output-set.ts'
import { persist } from './persistence.ts'
import { produceRounds } from './producer.ts'
import { Sequences } from './sequences.ts'
import type { TopicLimits } from './topic-limits.ts'
import { initProducerId, type ProducerIdentity } from './transaction-requests.ts'

export class Publisher {
  readonly #settings: Settings
  readonly #cluster: Cluster
  readonly #limits: TopicLimits
  readonly #sequences = new Sequences()
  #who: ProducerIdentity | null = null
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
    const who = this.#who ?? (await this.#newIdentity(deadlineMs))
    // Kept for as long as all goes well: brokers remember every producer id for a day. A call that fails leaves
    // sequence numbers in doubt, and the next begins under another id.
    this.#who = null
    await produceRounds(outputs.rounds(), {
      cluster: this.#cluster,
      clock,
      transactionalId: null,
      sequences: this.#sequences,
      who,
      version: 11,
      deadlineMs,
    })
    this.#who = who
  }

  async #newIdentity(deadlineMs: number): Promise<ProducerIdentity> {
    this.#sequences.restart()
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
