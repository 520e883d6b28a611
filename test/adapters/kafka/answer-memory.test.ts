import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AnswerMemory, Lease } from '../../../src/adapters/kafka/answer-memory.ts'
import { PartitionBuffer } from '../../../src/adapters/kafka/partition-buffer.ts'
import { parseBatches } from '../../../src/adapters/kafka/record-batch-reader.ts'
import { PartitionOutput } from '../../../src/adapters/kafka/record-batch-writer.ts'
import { batchOf, nobody } from './records.ts'

const mebibyte = 1024 * 1024

describe('memory for large answers', () => {
  test('is used again when it has been given back, by an answer that fits', () => {
    const memory = new AnswerMemory()
    const first = memory.take(3 * mebibyte - 5)
    memory.giveBack(first)
    expect(memory.take(3 * mebibyte + 1).buffer).not.toBe(first.buffer)
    const second = memory.take(2 * mebibyte)
    expect(second.buffer).toBe(first.buffer)
    expect(second).toHaveLength(2 * mebibyte)
    expect(memory.take(2 * mebibyte).buffer).not.toBe(first.buffer)
  })

  test('is not kept without end', () => {
    const memory = new AnswerMemory()
    const taken = Array.from({ length: 100 }, () => memory.take(mebibyte))
    for (const each of taken) memory.giveBack(each)
    const kept = taken.filter((each) => taken.some(() => memory.take(mebibyte).buffer === each.buffer))
    expect(kept.length).toBeLessThanOrEqual(16)
  })

  test('is never that of another: small answers have their own', () => {
    const memory = new AnswerMemory()
    const small = memory.take(100)
    memory.giveBack(small)
    expect(memory.take(100).buffer).not.toBe(small.buffer)
  })
})

const record = { value: Buffer.from('value') }

async function compressedBatch(): Promise<Buffer> {
  const output = new PartitionOutput('topic', 0, mebibyte, false)
  for (let i = 0; i < 50; i++) output.append({ topic: 'topic', partition: 0, key: null, ...record, timestamp: i })
  const [finished] = output.finish()
  await finished.compress('gzip')
  finished.stamp(nobody, 0)
  return finished.bytes
}

describe('columns of records', () => {
  const parse = (bytes: Buffer, take: (bytes: number) => Buffer) =>
    parseBatches({ bytes, start: 0, end: bytes.length, fetchOffset: 0, aborted: [] }, take)

  test('lie in the memory that is taken for them, whatever was in it', () => {
    const taken: Buffer[] = []
    const bytes = batchOf(Array.from({ length: 5 }, () => record))
    const { columns } = parse(bytes, (size) => {
      taken.push(Buffer.alloc(size + 64, 255))
      return taken[0]
    })
    expect(taken).toHaveLength(1)
    expect(columns.bytes).toBeLessThanOrEqual(taken[0].length)
    for (const column of [columns.offset, columns.timestamp, columns.keyStart, columns.valueLength]) {
      expect(column.buffer).toBe(taken[0].buffer)
    }
    expect([...columns.offset.subarray(0, 5)]).toEqual([0, 1, 2, 3, 4])
    expect([...columns.valueLength.subarray(0, 5)]).toEqual([5, 5, 5, 5, 5])
  })

  test('of a compressed batch are their own: they outlive the answer', async () => {
    const { columns } = parse(await compressedBatch(), () => {
      throw new Error('memory of the answer was taken')
    })
    expect(columns.count).toBe(50)
  })
})

test('records that lay beside compressed ones which are left out do not lie in the answer, whose memory is given to another', async () => {
  const compressed = await compressedBatch()
  const bytes = Buffer.concat([compressed, batchOf([record], { base: 50 })])
  const parsed = parseBatches({ bytes, start: 0, end: bytes.length, fetchOffset: 50, aborted: [] })
  bytes.fill(255)
  const at = parsed.columns.valueStart[0]
  expect(parsed.columns.count).toBe(1)
  expect(parsed.bytes.toString('utf8', at, at + parsed.columns.valueLength[0])).toBe('value')
})

test('an answer is given back once: when all that was read of it has been given out and released', () => {
  const plan = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(plan, fc.integer({ min: 1, max: 20 }), fc.infiniteStream(fc.nat()), (partitions, most, choices) => {
      let givenBack = 0
      const memory = { take: Buffer.allocUnsafeSlow, giveBack: () => givenBack++ }
      const lease = new Lease(memory, Buffer.alloc(0))
      lease.take()
      const buffers = partitions.map((count, partition) => {
        const bytes = batchOf(Array.from({ length: count }, () => ({ value: Buffer.from('value') })))
        const buffer = new PartitionBuffer(partition, 0, bytes.length)
        buffer.put(parseBatches({ bytes, start: 0, end: bytes.length, fetchOffset: 0, aborted: [] }), 1, lease)
        return buffer
      })
      lease.end()
      const out = []
      while (buffers.some(({ hasSomething }) => hasSomething) || out.length > 0) {
        expect(givenBack).toBe(0)
        const choice = choices.next().value
        const ready = buffers.filter(({ hasSomething }) => hasSomething)
        if (choice % 2 === 0 && ready.length > 0) out.push(...ready[choice % ready.length].take(most, 1e9, 1e9))
        else if (out.length > 0) {
          const [batch] = out.splice(choice % out.length, 1)
          batch.release()
          if (choice % 3 === 0 && out.length > 0) batch.release() // Twice is once.
        }
      }
      expect(givenBack).toBe(1)
    }),
  )
})
