/** The text in a field, as a string: for ids and explanations, which are rare; what is frequent stays bytes. */
import { type FieldColumns, FieldKind } from './fields.ts'

/**
 * The text in one slot of the columns, or as much of it as fits `longest` bytes; `bytes` are those of the batch that the
 * columns were read from.
 */
export function fieldText(fields: FieldColumns, slot: number, bytes: Uint8Array, longest = Infinity): string {
  const source = fields.kind[slot] === FieldKind.text ? bytes : fields.arena
  const start = fields.start[slot]
  const end = start + Math.min(fields.length[slot], longest)
  // As in a stream, a character that the end cuts in two is left out. A byte order mark belongs to an id like any other.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(source.subarray(start, end), { stream: true })
}
