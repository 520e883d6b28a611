/** JSON.parse reports a syntax error by throwing; here, and only here, it becomes a value. */

/** What a JSON text says, or `undefined` (which no JSON text says) when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
