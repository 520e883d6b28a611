/** What is wrong with an event before a byte of it is read. */
import { reasonCode } from './invalid.ts'

/** The reason that a value of this length is invalid, or 0. A length of -1 means null. */
export function sizeReason(length: number, maxEventBytes: number): number {
  if (length < 0) return reasonCode.tombstone
  if (length === 0) return reasonCode.empty_value
  return length > maxEventBytes ? reasonCode.too_large : 0
}
