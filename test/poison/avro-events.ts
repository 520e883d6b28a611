/** Avro events from parts, each as the bytes that it is: what no encoder would write, too. */
import { Random } from '../../src/core/kmeans/random.ts'
import { framed } from '../../src/stages/wire-format.ts'
import type { AvroField, Writer, WriterIds } from './avro-writers.ts'
import { type PoisonRecord, poison } from './poison-record.ts'

export type AvroParts = { readonly [F in AvroField]?: Buffer }

/** Zigzag, seven bits a byte; any integer, however many bytes it takes. */
export function varint(value: bigint | number): Buffer {
  const given = BigInt(value)
  let rest = given < 0n ? -given * 2n - 1n : given * 2n
  const bytes: number[] = []
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return Buffer.from(bytes)
}

export function sized(bytes: Buffer): Buffer {
  return Buffer.concat([varint(bytes.length), bytes])
}

export function text(value: string): Buffer {
  return sized(Buffer.from(value))
}

export function double(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

export function float(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}

/** A value of a union's branch. */
export function branch(index: number, value: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([varint(index), value])
}

const usual: Readonly<Record<AvroField, Buffer>> = {
  id: text('x'),
  amount: double(12.5),
  balance: branch(1, float(-3)),
  risk: branch(1, double(0.1)),
  at: varint(1_767_323_045_000),
  seen: branch(1, varint(1_767_323_045_000)),
  channel: varint(0),
  country: text('NO'),
  online: Buffer.of(1),
  device: branch(1, double(3)),
  tags: Buffer.concat([varint(2), text('a'), text('b'), varint(0)]),
}

/** The usual event's value with these parts, and `more` behind them. */
export function avroBody(change: AvroParts = {}, more: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([...Object.values({ ...usual, ...change }), more])
}

/** The usual event by a writer's schema; parts that the schema does not have are given as no bytes. */
export function written(ids: WriterIds, writer: Writer, change: AvroParts = {}, more?: Buffer): Buffer {
  return framed(ids[writer], avroBody(change, more))
}

export function goodAvro(ids: WriterIds, n: number, seed: number): PoisonRecord[] {
  const random = new Random(seed)
  return Array.from({ length: n }, (_, i) => {
    const id = text(`good-${seed}-${i}`)
    const parts = { id, amount: double(100 + 10 * random.gaussian()), balance: branch(1, float(random.gaussian())) }
    return poison(`good-${seed}-${i}`, 'assigned', written(ids, 'payment', parts))
  })
}
