/** JSON.parse reports a syntax error by throwing; here, and only here, it becomes a value. */

/** What a JSON text says, or `undefined` (which no JSON text says) when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The same for a text that is JSON, with whole numbers beyond ±(2^53 − 1), which a double may round, as their digits. */
export function parseJsonDigits(text: string): unknown {
  return JSON.parse(text, (_name: string, value: unknown, literal?: { readonly source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(literal?.source ?? '')
      ? literal?.source
      : value,
  )
}

/** A JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
