/** What must become of every event, by the generator's truth, beside what became of it, by the log. */
import { deadLetterHeaders } from '../../src/stages/dead-letter.ts'
import { decodeAssignment, type ReadRecord } from '../pipeline/harness.ts'

export interface Outcomes {
  /** One line each, partition by partition, in the order of the log. */
  readonly assignments: readonly string[]
  readonly deadLetters: readonly string[]
}

type Partitions = readonly (readonly ReadRecord[])[]

/**
 * The truth file names the events in the order in which they were written, so that the n-th of a partition is the
 * record at offset n of an input that nobody else writes.
 */
export function expectedOutcomes(truth: string, input: Partitions): Outcomes {
  const assignments: string[][] = input.map(() => [])
  const deadLetters: string[][] = input.map(() => [])
  const written = input.map(() => 0)
  for (const line of truth.trimEnd().split('\n').slice(1)) {
    const [, id, , , reason, partitionText] = line.split(',')
    const partition = Number(partitionText)
    const source = input[partition][written[partition]++]
    if (reason === '') assignments[partition].push(assignmentLine(partition, source.offset, id, source))
    else deadLetters[partition].push(deadLetterLine(partition, source.offset, reason, source))
  }
  return { assignments: assignments.flat(), deadLetters: deadLetters.flat() }
}

export function foundOutcomes(assignments: Partitions, deadLetters: Partitions): Outcomes {
  return {
    assignments: assignments.flat().map((record) => {
      const { partition, offset, eventId } = decodeAssignment(record)
      return assignmentLine(partition, offset, eventId, record)
    }),
    deadLetters: deadLetters.flat().map((record) => {
      const partition = Number(headerOf(record, deadLetterHeaders.partition))
      const offset = Number(headerOf(record, deadLetterHeaders.offset))
      return deadLetterLine(partition, offset, headerOf(record, deadLetterHeaders.reason), record)
    }),
  }
}

function assignmentLine(partition: number, offset: number, id: string, record: ReadRecord): string {
  return `${id}: ${partition}/${offset} in ${carriedOf(record)}`
}

function deadLetterLine(partition: number, offset: number, reason: string, record: ReadRecord): string {
  return `${reason}: ${partition}/${offset} in ${carriedOf(record)}, ${record.value?.toString('base64') ?? 'null'}`
}

/** What an output takes over from its input. */
function carriedOf({ partition, key, timestamp }: ReadRecord): string {
  return `${partition}, ${key} at ${timestamp}`
}

function headerOf(record: ReadRecord, name: string): string {
  return Buffer.from(record.headers.find((header) => header.name === name)?.value ?? []).toString()
}

/** The first places in which two lists differ: a whole diff of a list with one line too many would be all of it. */
export function firstDifferences(expected: readonly string[], found: readonly string[]): readonly string[] {
  const differences: string[] = []
  for (let i = 0; i < Math.max(expected.length, found.length) && differences.length < 3; i++) {
    if (expected[i] !== found[i]) differences.push(`line ${i} must be "${expected[i]}": got "${found[i]}"`)
  }
  return differences
}
