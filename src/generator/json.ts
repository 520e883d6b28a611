/** Generated events as JSON, sound ones and broken ones. */
import type { Flaw } from './flaws.ts'
import type { GeneratedEvent } from './stream.ts'
import type { Transaction } from './transaction.ts'

const nesting = 10_000

/** The value of an event; null is a tombstone. */
export function createJsonEncoder(): (event: GeneratedEvent) => Uint8Array | null {
  const encoder = new TextEncoder()
  return ({ transaction, flaw }) => {
    if (flaw === null) return encoder.encode(JSON.stringify(transaction))
    if (flaw === 'tombstone') return null
    if (flaw === 'invalid_utf8') return withoutUtf8(encoder.encode(JSON.stringify(transaction)))
    return encoder.encode(flawedText(transaction, flaw))
  }
}

function flawedText(transaction: Transaction, flaw: Exclude<Flaw, 'tombstone' | 'invalid_utf8'>): string {
  const text = JSON.stringify(transaction)
  switch (flaw) {
    case 'empty_value':
      return ''
    case 'truncated':
      return text.slice(0, text.length >> 1)
    case 'trailing_bytes':
      return `${text}}`
    case 'not_finite':
      // A number that JSON allows and a double does not hold.
      return text.replace(/"amount":[^,]*/, '"amount":1e999')
    case 'missing_field':
      return text.replace(/"amount":[^,]*,/, '')
    case 'wrong_type':
      return text.replace(/"amount":([^,]*)/, '"amount":"$1"')
    case 'empty_id':
      return JSON.stringify({ ...transaction, id: '' })
    case 'too_deep':
      return `${text.slice(0, -1)},"more":${'['.repeat(nesting)}${']'.repeat(nesting)}}`
    case 'not_wire_format':
    case 'unknown_schema':
    case 'impossible_length':
      throw new RangeError(`${flaw} is a flaw of Avro only`)
  }
}

/** Breaks the first text value, the id's: C3 begins a character of two bytes, which 28 cannot end. */
function withoutUtf8(bytes: Uint8Array): Uint8Array {
  const value = bytes.indexOf(0x3a) + 2
  bytes[value] = 0xc3
  bytes[value + 1] = 0x28
  return bytes
}
