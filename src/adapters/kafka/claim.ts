/** What members and the leader of a group tell each other, in the user data of Kafka's embedded consumer protocol. */
import type { Assignment, Claim } from '../../runtime/membership/assignment.ts'

/** Of a member that gives everything up before it joins. Release 0.1.0 writes it. */
const eagerVersion = 1
const keepingVersion = 2

/** What a member tells the leader with its JoinGroup. */
export function encodeClaim(partitions: readonly number[], generation: number): Buffer {
  const bytes = Buffer.alloc(10 + partitions.length * 4)
  bytes.writeInt16BE(keepingVersion, 0)
  bytes.writeInt32BE(generation, 2)
  writePartitions(bytes, 6, partitions)
  return bytes
}

/** A claim that cannot be read counts as holding nothing. */
export function decodeClaim(memberId: string, bytes: Buffer): Claim {
  const nothing = { memberId, partitions: [], generation: -1, keeps: false }
  if (bytes.length < 10) return nothing
  const version = bytes.readInt16BE(0)
  const partitions = readPartitions(bytes, 6)
  if (partitions === null || (version !== eagerVersion && version !== keepingVersion)) return nothing
  return { memberId, partitions, generation: bytes.readInt32BE(2), keeps: version === keepingVersion }
}

/** What the leader tells a member beside its partitions. A leader of release 0.1.0 says nothing: then nothing is given up in peace. */
export function encodeGivingUp({ givingUp }: Assignment): Buffer {
  const bytes = Buffer.alloc(6 + givingUp.length * 4)
  bytes.writeInt16BE(keepingVersion, 0)
  writePartitions(bytes, 2, givingUp)
  return bytes
}

export function decodeGivingUp(bytes: Buffer): readonly number[] {
  if (bytes.length < 6 || bytes.readInt16BE(0) !== keepingVersion) return []
  return readPartitions(bytes, 2) ?? []
}

function writePartitions(bytes: Buffer, at: number, partitions: readonly number[]): void {
  bytes.writeInt32BE(partitions.length, at)
  for (const [i, partition] of partitions.entries()) bytes.writeInt32BE(partition, at + 4 + i * 4)
}

/** They end the bytes, or these are not what they should be. */
function readPartitions(bytes: Buffer, at: number): readonly number[] | null {
  const count = bytes.readInt32BE(at)
  if (bytes.length !== at + 4 + count * 4) return null
  return Array.from({ length: count }, (_, i) => bytes.readInt32BE(at + 4 + i * 4))
}
