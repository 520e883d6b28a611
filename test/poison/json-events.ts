/** JSON events from parts, each as the text that it is: what no serialiser would write, too. */
import { Random } from '../../src/core/kmeans/random.ts'
import { type PoisonRecord, poison } from './poison-record.ts'

/** The fields of a usual event, in order; nested ones inside theirs. */
const usual = {
  id: '"x"',
  amount: '12.5',
  balance: '-3',
  risk: '0.1',
  at: '"2026-01-02T03:04:05Z"',
  seen: '1767323045000',
  channel: '"chip"',
  country: '"NO"',
  online: 'true',
  'device.score': '3',
  tags: '["a","b"]',
} as const

export type JsonField = keyof typeof usual
export type JsonParts = { readonly [F in JsonField]?: string | null }

/** The event with these fields as these texts (null: without the field), and `more` before its end. */
export function jsonText(change: JsonParts = {}, more = ''): string {
  const fields = Object.entries({ ...usual, ...change }).flatMap(([field, text]) => {
    if (text === null) return []
    const [name, nested] = field.split('.')
    return [nested === undefined ? `"${name}":${text}` : `"${name}":{"${nested}":${text}}`]
  })
  return `{${fields.join(',')}${more}}`
}

export function goodJson(n: number, seed: number): PoisonRecord[] {
  const random = new Random(seed)
  return Array.from({ length: n }, (_, i) => {
    const parts = {
      id: `"good-${seed}-${i}"`,
      amount: String(100 + 10 * random.gaussian()),
      balance: String(random.gaussian()),
    }
    return poison(`good-${seed}-${i}`, 'assigned', jsonText(parts))
  })
}
