/** What every log says of a position that is not in it. */
import { ShoalError } from './errors.ts'
import type { TopicPartition } from './ports.ts'

export function outOfRange(at: TopicPartition, position: number, start: number, end: number): ShoalError {
  const where = `partition ${at.partition} of ${at.topic} holds offsets ${start} to ${end}`
  const why =
    position < start ? 'retention has overtaken it' : 'the topic was made anew, or has lost what was written to it last'
  return new ShoalError(
    'log.out_of_range',
    `a position must be in the log: ${where}, the position is ${position}: ${why}`,
  )
}
