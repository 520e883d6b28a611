/** Record batch, format 2 (KIP-98): where its fields lie. The checksum covers everything from the attributes on. */
export const batchHeaderBytes = 61

export const field = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
} as const

/** `length` counts from behind itself. */
export const lengthOverhead = field.length + 4

export const attribute = { compression: 7, logAppendTime: 8, transactional: 16, control: 32 } as const

/** Length, attributes, timestamp, offset, key, value and headers take a byte each at least. */
export const leastRecordBytes = 7

export const int64At = (bytes: Buffer, at: number): number =>
  bytes.readInt32BE(at) * 4294967296 + bytes.readUInt32BE(at + 4)
