/** Metadata answers with an error in them. They name the brokers too, so a real one (version 5) is written anew. */
import { Reader, Writer } from '../../src/adapters/kafka/wire.ts'

/** Errors that a broker gives to a partition; every other is a topic's. */
const ofPartitions: readonly number[] = [5, 9, 72]

/** The whole frame again, in which every topic, or every partition without a leader, has this error. */
export function metadataWithError(frame: Buffer, error: number): Buffer {
  const real = new Reader(frame, false)
  const answer = new Writer(false)
  const copy32 = () => void answer.int32(real.int32())
  const copyString = () => void answer.string(real.string())
  const copyArray = (element: () => void) => {
    const length = real.int32()
    answer.array(length)
    for (let i = 0; i < length; i++) element()
  }
  const partition = () => {
    const isWrong = ofPartitions.includes(error)
    const own = real.int16()
    answer.int16(isWrong ? error : own)
    copy32()
    const leader = real.int32()
    answer.int32(isWrong ? -1 : leader)
    for (const _ of ['replicas', 'in sync', 'offline']) copyArray(copy32)
  }
  const topic = () => {
    const own = real.int16()
    const isWrong = !ofPartitions.includes(error)
    answer.int16(isWrong ? error : own)
    copyString()
    answer.int8(real.int8())
    if (!isWrong) return copyArray(partition)
    // Of a topic that it does not show, a broker shows no partitions.
    skipPartitions(real)
    answer.array(0)
  }
  for (const _ of ['length', 'correlation', 'throttle']) copy32()
  copyArray(() => {
    copy32()
    copyString()
    copy32()
    copyString()
  })
  copyString()
  copy32()
  copyArray(topic)
  answer.setInt32(0, answer.length - 4)
  return Buffer.from(answer.view())
}

function skipPartitions(real: Reader): void {
  real.array((p) => {
    p.at += 2 + 4 + 4
    for (const _ of ['replicas', 'in sync', 'offline']) p.array((r) => r.int32())
  })
}
