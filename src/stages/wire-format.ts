/** The registry's wire format: before every value a byte that is zero, and the id of the schema that wrote it. */

export const wireHeaderBytes = 5

/** Writes the header and returns where the value goes on. */
export function writeWireHeader(bytes: Uint8Array, at: number, schemaId: number): number {
  bytes[at] = 0
  bytes[at + 1] = schemaId >>> 24
  bytes[at + 2] = schemaId >>> 16
  bytes[at + 3] = schemaId >>> 8
  bytes[at + 4] = schemaId
  return at + wireHeaderBytes
}

/** The body as the value of a record. */
export function framed(schemaId: number, body: Uint8Array): Buffer {
  const value = Buffer.allocUnsafe(wireHeaderBytes + body.length)
  value.set(body, writeWireHeader(value, 0, schemaId))
  return value
}
