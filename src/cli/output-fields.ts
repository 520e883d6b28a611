/** Reads fields of Shoal's own outputs, batch by batch. */
import { avroProjection } from '../core/avro/avro-projection.ts'
import { FieldColumns, type FieldSpec } from '../core/fields/fields.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { SchemaRegistry } from '../runtime/ports.ts'
import type { Committed } from './committed.ts'

const chunkRecords = 1000

/** Is told of each record, in order, at which slot of the columns its fields begin. */
type OnRecord = (fields: FieldColumns, at: number, bytes: Uint8Array) => void

/** Every field is required. A record that lacks one, or is none of Shoal's, is `log.corrupt`: it breaks the rule. */
export function outputReader(
  registry: SchemaRegistry,
  topic: string,
  wanted: readonly Pick<FieldSpec, 'path' | 'accepts'>[],
  rule: string,
): (committed: Committed, on: OnRecord) => Promise<void> {
  const slots = wanted.length
  const projection = avroProjection(
    wanted.map((field) => ({ ...field, required: true })),
    { framing: 'registry', maxEventBytes: 1024 * 1024 },
  )
  const fields = new FieldColumns(chunkRecords, slots)
  return async ({ batch, count }, on) => {
    for (const id of projection.unresolved(batch, 0, count)) projection.resolve(id, await registry.lookup(id))
    for (let from = 0; from < count; from += chunkRecords) {
      const to = Math.min(count, from + chunkRecords)
      projection.project(batch, from, to, fields)
      for (let e = 0; e < to - from; e++) {
        if (fields.reason[e] !== 0) {
          const place = `${topic}/${batch.partition} offset ${batch.offset[from + e]}`
          throw new ShoalError('log.corrupt', `${place} ${rule}: it cannot be read as one`)
        }
        on(fields, slots * e, batch.bytes)
      }
    }
  }
}
