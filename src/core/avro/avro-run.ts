/** Runs a program over an event's bytes: `avro-program.ts`. */
import { FieldKind } from '../fields/fields.ts'
import { isUtf8 } from '../fields/utf8.ts'
import type { AvroCursor } from './avro-cursor.ts'
import type { AvroProgram } from './avro-program.ts'
import { beyondAscii, longOfWords, varintBytes } from './avro-words.ts'

/**
 * Reads the value at [start, end) into the slots of event `event` (OUT). False where it is not as it should be, or not as
 * the program knows it: then the slots mean nothing, and the steps are to read it from its start.
 *
 * The place is held against the end where memory must not be left, and once behind all: it never goes back to before an end
 * that it has passed. The numbers of the cases are those of `op`, written out because V8 makes a table of jumps only of such.
 */
export function runProgram(
  { code, steps }: AvroProgram,
  cursor: AvroCursor,
  start: number,
  end: number,
  event: number,
): boolean {
  cursor.begin(start, end, event)
  const { bytes, view, kind, numbers, starts, lengths, slot } = cursor
  /** The last place with eight bytes from there on. */
  const lastWord = bytes.length - 8
  let at = start
  let marked = start
  let pc = 0
  for (;;) {
    switch (code[pc++]) {
      case 0: // end
        return at === end
      case 1: // giveUp
        return false
      case 2: {
        // text
        const first = bytes[at]
        let size = first >>> 1
        if (first < 128 && (first & 1) === 0) at++
        else {
          cursor.at = at
          size = cursor.size()
          at = cursor.at
          if (cursor.reason !== 0) return false
        }
        const to = at + size
        if (to > end) return false
        // ASCII by eight bytes at a time, the last of them with what lies behind the text.
        let word = at
        let beyond = 0
        for (; to - word > 8; word += 8) beyond |= view.getInt32(word, true) | view.getInt32(word + 4, true)
        beyond &= 0x80808080
        if (word > lastWord) beyond = 1
        else beyond |= beyondAscii(view.getInt32(word, true), view.getInt32(word + 4, true), to - word)
        if (beyond !== 0 && !isUtf8(bytes, at, to)) return false
        const field = slot + code[pc++]
        kind[field] = FieldKind.text
        starts[field] = at
        lengths[field] = size
        at = to
        break
      }
      case 3: {
        // doubles
        let left = code[pc++]
        if (end - at < 8 * left) return false
        for (; left > 0; left--, at += 8) {
          const value = view.getFloat64(at, true)
          if (!Number.isFinite(value)) return false
          const field = slot + code[pc++]
          kind[field] = FieldKind.number
          numbers[field] = value
        }
        break
      }
      case 4: {
        // long
        const first = bytes[at]
        let value = (first >>> 1) ^ -(first & 1)
        if (first < 128) at++
        else {
          const first = at <= lastWord ? view.getInt32(at, true) : 0
          const second = at <= lastWord ? view.getInt32(at + 4, true) : 0
          const length = varintBytes(first, second)
          if (length > 0) {
            value = longOfWords(first, second)
            at += length
          } else {
            cursor.at = at
            value = cursor.long()
            at = cursor.at
            if (cursor.reason !== 0) return false
          }
        }
        const field = slot + code[pc]
        const over = code[pc + 1]
        pc += 2
        kind[field] = over === 0 ? FieldKind.number : FieldKind.milliseconds
        numbers[field] = over > 1 ? value / over : value
        break
      }
      case 5: {
        // exactLong
        cursor.at = at
        const value = cursor.long()
        at = cursor.at
        if (cursor.reason !== 0 || !Number.isSafeInteger(value)) return false
        const field = slot + code[pc++]
        kind[field] = FieldKind.number
        numbers[field] = value
        break
      }
      case 6: {
        // int
        const first = bytes[at]
        let value = (first >>> 1) ^ -(first & 1)
        if (first < 128) at++
        else if (bytes[at + 1] < 128) {
          const zigzag = (first & 127) | (bytes[at + 1] << 7)
          value = (zigzag >>> 1) ^ -(zigzag & 1)
          at += 2
        } else {
          cursor.at = at
          value = cursor.int()
          at = cursor.at
          if (cursor.reason !== 0) return false
        }
        const field = slot + code[pc]
        const times = code[pc + 1]
        pc += 2
        kind[field] = times === 0 ? FieldKind.number : FieldKind.milliseconds
        numbers[field] = times > 1 ? value * times : value
        break
      }
      case 7: {
        // float
        if (end - at < 4) return false
        const value = view.getFloat32(at, true)
        if (!Number.isFinite(value)) return false
        at += 4
        const field = slot + code[pc++]
        kind[field] = FieldKind.number
        numbers[field] = value
        break
      }
      case 8: {
        // boolean
        const value = bytes[at++]
        if (!(value < 2)) return false
        const field = slot + code[pc++]
        kind[field] = FieldKind.boolean
        numbers[field] = value
        break
      }
      case 9: // skipSized
        for (let left = code[pc++]; left > 0; left--) {
          const first = bytes[at]
          if (first < 128 && (first & 1) === 0) at += 1 + (first >>> 1)
          else {
            cursor.at = at
            cursor.advance(cursor.size())
            at = cursor.at
            if (cursor.reason !== 0) return false
          }
        }
        break
      case 10: {
        // skipBytes
        const size = code[pc++]
        if (end - at < size) return false
        at += size
        break
      }
      case 11: // skipLong
        if (bytes[at] < 128) at++
        else {
          cursor.at = at
          cursor.skipVarint(10)
          at = cursor.at
          if (cursor.reason !== 0) return false
        }
        break
      case 12: // skipInt
        if (bytes[at] < 128) at++
        else {
          cursor.at = at
          cursor.int()
          at = cursor.at
          if (cursor.reason !== 0) return false
        }
        break
      case 13: // skipBoolean
        if (!(bytes[at++] < 2)) return false
        break
      case 14: {
        // skipSymbol
        cursor.at = at
        const symbol = cursor.int()
        at = cursor.at
        if (cursor.reason !== 0 || symbol < 0 || symbol >= code[pc++]) return false
        break
      }
      case 15: {
        // branch
        const first = bytes[at]
        // More than 64 branches are the steps' matter.
        if (!(first < 128) || (first & 1) !== 0 || first >>> 1 >= code[pc]) return false
        at++
        pc = code[pc + 1 + (first >>> 1)]
        break
      }
      case 16: // jump
        pc = code[pc]
        break
      case 17: // mark
        marked = at
        break
      case 18: // rewind
        at = marked
        break
      case 19: // step
        cursor.at = at
        cursor.runAt(code[pc + 1], steps[code[pc]])
        at = cursor.at
        if (cursor.reason !== 0) return false
        pc += 2
        break
    }
  }
}
