import { describe, expect, test } from 'vitest'
import { OutputSet } from '../../../src/adapters/kafka/output-set.ts'
import { TopicLimits } from '../../../src/adapters/kafka/topic-limits.ts'

/** Limits of a cluster whose topics take so many bytes, and how often it was asked. */
function limitsOf(topics: Readonly<Record<string, number>>) {
  const asked: string[] = []
  const limits = new TopicLimits(async (topic) => {
    asked.push(topic)
    const maxMessageBytes = topics[topic]
    return maxMessageBytes === undefined ? null : { partitions: 1, maxMessageBytes, aheadMs: null }
  })
  const write = (topic: string, ...lengths: readonly number[]) => {
    const outputs = new OutputSet(limits.of, true)
    for (const length of lengths)
      outputs.append({ topic, partition: 3, key: null, value: Buffer.alloc(length), timestamp: 0 })
    return outputs
  }
  return { limits, asked, write }
}

describe('what a topic takes', () => {
  test('is asked for once, and again after it was forgotten', async () => {
    const { limits, asked, write } = limitsOf({ cards: 1_000 })
    await limits.hold(write('cards', 10))
    await limits.hold(write('cards', 10))
    expect(asked).toEqual(['cards'])
    limits.forget(['cards'])
    await limits.hold(write('cards', 10))
    expect(asked).toEqual(['cards', 'cards'])
  })

  test('is kept to by the batches once it is known', async () => {
    const { limits, write } = limitsOf({ cards: 1_000 })
    limits.learn('cards', { partitions: 1, maxMessageBytes: 1_000, aheadMs: null })
    const outputs = write('cards', 400, 400, 400, 400)
    await limits.hold(outputs)
    expect(outputs.rounds()).toHaveLength(2)
  })

  test('may be more than Kafka takes by default', async () => {
    const { limits, write } = limitsOf({ models: 10_000_000 })
    await expect(limits.hold(write('models', 5_000_000))).resolves.toBeUndefined()
  })

  test('is refused by topic, limit, partition and size when one record needs more', async () => {
    const { limits, write } = limitsOf({ cards: 1_000 })
    const refusal = limits.hold(write('cards', 5_000))
    await expect(refusal).rejects.toMatchObject({ code: 'log.record_too_large' })
    await expect(refusal).rejects.toThrow(/cards.* 1000 bytes.*partition 3.* 50\d\d/)
  })

  test('is retried with batches that keep to it when they were filled before it was known', async () => {
    const { limits, write } = limitsOf({ cards: 1_000 })
    await expect(limits.hold(write('cards', 400, 400, 400))).rejects.toMatchObject({ code: 'log.unavailable' })
    await expect(limits.hold(write('cards', 400, 400, 400))).resolves.toBeUndefined()
  })

  test('is nothing when there is no such topic', async () => {
    const { limits, write } = limitsOf({})
    await expect(limits.hold(write('nowhere', 1))).rejects.toMatchObject({ code: 'topics.missing' })
  })
})
