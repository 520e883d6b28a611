import { describe, expect, it } from 'vitest'
import { createPartitioner, murmur2 } from '../../src/cli/partitioner.ts'

describe('the partition of a key', () => {
  // The vectors of org.apache.kafka.common.utils.UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('is decided by Kafka’s own murmur2: %s', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash)
  })

  it('is the hash without its sign, modulo the number of partitions', () => {
    const partitionOf = createPartitioner(7)
    expect(partitionOf(Buffer.from('foobar'))).toBe((-790332482 & 0x7fffffff) % 7)
    expect(partitionOf(Buffer.from('abc'))).toBe(479470107 % 7)
  })

  it('goes round where there is no key', () => {
    const partitionOf = createPartitioner(3)
    expect([null, null, null, null].map(partitionOf)).toEqual([0, 1, 2, 0])
  })
})
