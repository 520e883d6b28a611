/** How large a batch each topic takes. */
import { ShoalError } from '../../runtime/errors.ts'
import type { TopicFacts } from '../../runtime/ports.ts'
import type { OutputSet } from './output-set.ts'
import { tooLarge } from './record-batch-writer.ts'

/** Kafka's default, for a topic that has not been described yet: what is written under it is held against the truth before it is sent. */
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

  readonly of = (topic: string): number => this.#known.get(topic) ?? assumedBytes

  /** Describes the topics that have not been yet; refuses a batch that was filled beyond what its topic turns out to take. */
  async hold(outputs: OutputSet): Promise<void> {
    if (outputs.refusal !== null) throw outputs.refusal
    for (const topic of outputs.partitions().keys()) {
      if (this.#known.has(topic)) continue
      const facts = await this.#describe(topic)
      if (facts === null)
        throw new ShoalError('topics.missing', `topic ${topic} is written to and must exist: it does not`)
      this.learn(topic, facts)
      this.#check(topic, facts.maxMessageBytes, outputs)
    }
  }

  #check(topic: string, limit: number, outputs: OutputSet): void {
    for (const { batches } of outputs.rounds()) {
      for (const { output, batch } of batches) {
        if (output.topic !== topic || batch.bytes.length <= limit) continue
        if (batch.count === 1) throw tooLarge(output, limit, batch.bytes.length)
        // The limit is known from now on, and the next attempt's batches keep to it.
        throw new ShoalError(
          'log.unavailable',
          `batches for ${topic} must be at most ${limit} bytes: one of ${batch.bytes.length} was filled before that was known`,
        )
      }
    }
  }
}
