/** Shoal's own records as the registry's wire format: a zero byte, the schema's id (int32, big-endian), the Avro body. */
import avro from 'avsc'
import { ShoalError } from '../../runtime/errors.ts'
import type { SchemaRegistry } from '../../runtime/ports.ts'
import { framed, wireHeaderBytes } from '../../stages/wire-format.ts'

/**
 * Encodes values of the schema under the id that the registry gave it. Longs are plain numbers (safe integers only),
 * `fixed` and `bytes` are Buffers, a union's value stands bare. Throws what avsc throws for a value that is not of
 * the schema: that is our own mistake, never an event's.
 */
export function avroWriter(schemaText: string, id: number): (value: unknown) => Buffer {
  const type = parse(schemaText)
  return (value) => framed(id, type.toBuffer(value))
}

/**
 * Decodes values that any version of the schema wrote into values of `schemaText`, in order; each writer's schema
 * is asked of the registry once. `record.unreadable` for one that cannot be decoded, `registry.unavailable` while
 * its schema cannot be had.
 */
export function avroReader<T>(
  schemaText: string,
  registry: SchemaRegistry,
): (values: readonly Uint8Array[]) => Promise<T[]> {
  const reader = parse(schemaText)
  const decoders = new Map<number, (body: Buffer) => T>()
  return async (values) => {
    const buffers = values.map((value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength))
    for (const id of new Set(buffers.map(idOf))) {
      if (!decoders.has(id)) decoders.set(id, await decoderOf<T>(reader, id, registry))
    }
    return buffers.map((buffer) => {
      try {
        return decoders.get(idOf(buffer))!(buffer.subarray(wireHeaderBytes))
      } catch (error) {
        throw unreadable(`a value of schema ${idOf(buffer)} must be of ${reader.name}: ${error}`)
      }
    })
  }
}

function idOf(value: Buffer): number {
  if (value.length < wireHeaderBytes || value[0] !== 0) {
    throw unreadable(`a value must start with a zero byte and a schema id: got ${value.toString('hex', 0, 8)}`)
  }
  return value.readInt32BE(1)
}

async function decoderOf<T>(reader: avro.Type, id: number, registry: SchemaRegistry): Promise<(body: Buffer) => T> {
  const writer = await registry.lookup(id)
  if (writer === null) throw unreadable(`the registry must know the schema of a value: it has none of id ${id}`)
  try {
    const resolver = reader.createResolver(parse(writer.text))
    return (body) => reader.fromBuffer(body, resolver) as T
  } catch (error) {
    throw unreadable(`schema ${id} must be a version of ${reader.name}: ${error}`)
  }
}

function parse(schemaText: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(schemaText))
}

function unreadable(message: string): ShoalError {
  return new ShoalError('record.unreadable', message)
}
