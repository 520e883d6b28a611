/** How large a batch each topic takes. */
import { ShoalError } from '../../runtime/errors.ts'
import type { TopicFacts } from '../../runtime/ports.ts'
import type { OutputSet } from './output-set.ts'

/** Kafka's default, for a topic that has not been described: what is filled under it is held against the truth before it is sent. */
const assumedBytes = 1_048_588

export class TopicLimits {
  readonly #known = new Map<string, number>()
  readonly #describe: (topic: string) => Promise<TopicFacts | null>

  constructor(describe: (topic: string) => Promise<TopicFacts | null>) {
    this.#describe = describe
  }

  learn(topic: string, facts: TopicFacts): void {
    this.#known.set(topic, facts.maxMessageBytes)
  }

  /** To be asked for again: a topic's settings may change while Shoal runs. */
  forget(topics: Iterable<string>): void {
    for (const topic of topics) this.#known.delete(topic)
  }

  readonly of = (topic: string): number => this.#known.get(topic) ?? assumedBytes

  /** Throws when something was written that its topic does not take. */
  async hold(outputs: OutputSet): Promise<void> {
    const batches = outputs.rounds().flatMap((round) => round.batches)
    for (const { output, batch } of batches) {
      const { topic, partition } = output
      const limit = this.#known.get(topic) ?? (await this.#ask(topic))
      const needed = batch.bytes.length
      if (needed <= limit) continue
      const rule = `a record batch for ${topic} must be at most ${limit} bytes, its max.message.bytes`
      // A batch takes a second record only below the limit that was known then.
      if (batch.count > 1)
        throw new ShoalError('log.unavailable', `${rule}: one of ${needed} was filled before that was known`)
      throw new ShoalError('log.record_too_large', `${rule}: a record of partition ${partition} alone needs ${needed}`)
    }
  }

  async #ask(topic: string): Promise<number> {
    const facts = await this.#describe(topic)
    if (facts === null)
      throw new ShoalError('topics.missing', `topic ${topic} is written to and must exist: it does not`)
    this.learn(topic, facts)
    return facts.maxMessageBytes
  }
}
