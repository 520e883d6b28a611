/** Logical types, as far as they say which number is meant. Unknown or impossible ones are ignored, as Avro demands. */

interface Attributes {
  readonly [name: string]: unknown
}

const dayMs = 86_400_000

/**
 * How an int or long becomes milliseconds: value · times / over. A plain number stays as it is, and `isTime` says that it
 * is none: what its unit is, only the configuration can say.
 */
export function timeUnit(
  kind: 'int' | 'long',
  attributes: Attributes,
): { readonly times: number; readonly over: number; readonly isTime: boolean } {
  switch (`${kind} ${attributes.logicalType}`) {
    case 'int date':
      return { times: dayMs, over: 1, isTime: true }
    case 'int time-millis':
    case 'long timestamp-millis':
    case 'long local-timestamp-millis':
      return { times: 1, over: 1, isTime: true }
    case 'long time-micros':
    case 'long timestamp-micros':
    case 'long local-timestamp-micros':
      return { times: 1, over: 1e3, isTime: true }
    case 'long timestamp-nanos':
    case 'long local-timestamp-nanos':
      return { times: 1, over: 1e6, isTime: true }
    default:
      return { times: 1, over: 1, isTime: false }
  }
}

/** The digits after the point of a decimal, or null when it is none. `size`: bytes of a fixed, null for bytes. */
export function decimalScale(attributes: Attributes, size: number | null): number | null {
  if (attributes.logicalType !== 'decimal') return null
  const { precision, scale = 0 } = attributes
  if (typeof precision !== 'number' || !Number.isSafeInteger(precision) || precision < 1) return null
  if (typeof scale !== 'number' || !Number.isSafeInteger(scale) || scale < 0 || scale > precision) return null
  const digits = size === null ? Number.POSITIVE_INFINITY : Math.floor(Math.log10(2) * (8 * size - 1))
  return precision <= digits ? scale : null
}
