/** Values that were valid, damaged in the ways that wires, disks and programmes damage them. */
import type { Random } from '../../src/core/kmeans/random.ts'
import { varint } from '../poison/avro-events.ts'

/** Numbers that lie at the edges of what a length, a count or a field may be. */
const edges = [
  0n,
  1n,
  -1n,
  63n,
  64n,
  -65n,
  127n,
  2n ** 31n - 1n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 53n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
]
const bytesOfNote = [0, 1, 2, 0x7f, 0x80, 0xff, 0xc3, 0xed, 0x22, 0x5b, 0x7b]
const doubles = [Number.NaN, Infinity, -Infinity, -0, 5e-324, Number.MAX_VALUE, -1e308].map((value) => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
})

type Mutation = (value: Buffer, others: readonly Buffer[], random: Random) => Buffer

const spliced = (value: Buffer, from: number, to: number, middle: Uint8Array) =>
  Buffer.concat([value.subarray(0, from), middle, value.subarray(to)])

const mutations: readonly Mutation[] = [
  (value, _, random) => {
    const copy = Buffer.from(value)
    for (let n = 1 + random.below(4); n > 0 && copy.length > 0; n--)
      copy[random.below(copy.length)] ^= 1 << random.below(8)
    return copy
  },
  (value, _, random) => value.subarray(0, random.below(value.length + 1)),
  (value, _, random) => value.subarray(random.below(value.length + 1)),
  (value, others, random) => {
    const other = others[random.below(others.length)]
    return Buffer.concat([
      value.subarray(0, random.below(value.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ])
  },
  (value, _, random) => {
    const at = random.below(value.length + 1)
    const replaced = random.below(3)
    return spliced(value, at, Math.min(value.length, at + replaced), varint(edges[random.below(edges.length)]))
  },
  (value, _, random) => {
    const copy = Buffer.from(value)
    if (copy.length > 0) copy[random.below(copy.length)] = bytesOfNote[random.below(bytesOfNote.length)]
    return copy
  },
  (value, _, random) => {
    const at = random.below(value.length + 1)
    return spliced(value, at, Math.min(value.length, at + 8), doubles[random.below(doubles.length)])
  },
  (value, _, random) => {
    const at = random.below(value.length + 1)
    const part = value.subarray(at, at + 1 + random.below(16))
    return spliced(value, at, at, Buffer.concat(new Array(1 + random.below(40)).fill(part)))
  },
  (value, _, random) => {
    const at = random.below(value.length + 1)
    const filler = Buffer.alloc(1 + random.below(2000), bytesOfNote[random.below(bytesOfNote.length)])
    return spliced(value, at, at, filler)
  },
  (value, _, random) => {
    const noise = Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)))
    return spliced(value, random.below(value.length + 1), value.length, noise)
  },
]

/** The value after one to three mutations. */
export function mutated(value: Buffer, others: readonly Buffer[], random: Random): Buffer {
  let result = value
  for (let n = 1 + random.below(3); n > 0; n--)
    result = mutations[random.below(mutations.length)](result, others, random)
  return result
}
