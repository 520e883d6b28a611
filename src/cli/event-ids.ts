/** The ids of events, as text. */
import { type FieldColumns, FieldKind } from '../core/fields.ts'

/** The text in one slot of the columns; `bytes` are those of the batch that the columns were read from. */
export function textAt(fields: FieldColumns, slot: number, bytes: Buffer): string {
  const start = fields.start[slot]
  const end = start + fields.length[slot]
  if (fields.kind[slot] === FieldKind.text) return bytes.toString('utf8', start, end)
  return Buffer.from(fields.arena.buffer, fields.arena.byteOffset + start, end - start).toString()
}
