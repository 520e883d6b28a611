/** What must become of every event, by the generator's truth, beside what became of it, by the log. */
import { expect } from 'vitest'
import { deadLetterHeaders } from '../../src/stages/dead-letter.ts'
import { decodeAssignment, type ReadRecord } from '../pipeline/harness.ts'
import type { Committed } from './independent-reader.ts'
import type { Pipeline } from './pipeline.ts'

interface Outcomes {
  /** One line each, partition by partition, in the order of the log. */
  readonly assignments: readonly string[]
  readonly deadLetters: readonly string[]
}

type Partitions = readonly (readonly ReadRecord[])[]

export type OutcomeKind = 'assignment' | 'dead letter'

/** What becomes of the event at `offset` of an input partition. Equal texts are equal outcomes. */
export interface Outcome {
  readonly kind: OutcomeKind
  readonly partition: number
  readonly offset: number
  readonly text: string
}

/** `reason`: why the generator made it invalid; empty for a valid event. */
export function outcomeDue(source: ReadRecord, id: string, reason: string): Outcome {
  const { partition, offset } = source
  return reason === ''
    ? { kind: 'assignment', partition, offset, text: assignmentLine(partition, offset, id, source) }
    : { kind: 'dead letter', partition, offset, text: deadLetterLine(partition, offset, reason, source) }
}

export function outcomeFound(kind: OutcomeKind, record: ReadRecord): Outcome {
  if (kind === 'assignment') {
    const { partition, offset, eventId } = decodeAssignment(record)
    return { kind, partition, offset, text: assignmentLine(partition, offset, eventId, record) }
  }
  const partition = Number(headerOf(record, deadLetterHeaders.partition))
  const offset = Number(headerOf(record, deadLetterHeaders.offset))
  const text = deadLetterLine(partition, offset, headerOf(record, deadLetterHeaders.reason), record)
  return { kind, partition, offset, text }
}

/** Each of the `events` that the pipeline was given has its one outcome, in order. */
export function expectOutcomes(
  { configuration, input }: Pick<Pipeline, 'configuration' | 'input'>,
  committed: Committed,
  truth: string,
  events: number,
): void {
  const { assignments, deadLetters } = configuration.topics
  const expected = expectedOutcomes(truth, committed.records(input))
  const found = foundOutcomes(committed.records(assignments), committed.records(deadLetters))
  expect(expected.assignments.length + expected.deadLetters.length).toBe(events)
  expect(firstDifferences(expected.assignments, found.assignments)).toEqual([])
  expect(firstDifferences(expected.deadLetters, found.deadLetters)).toEqual([])
}

/**
 * The truth file names the events in the order in which they were written, so that the n-th of a partition is the
 * record at offset n of an input that nobody else writes.
 */
function expectedOutcomes(truth: string, input: Partitions): Outcomes {
  const assignments: string[][] = input.map(() => [])
  const deadLetters: string[][] = input.map(() => [])
  const written = input.map(() => 0)
  for (const line of truth.trimEnd().split('\n').slice(1)) {
    const [, id, , , reason, partitionText] = line.split(',')
    const partition = Number(partitionText)
    const source = input[partition][written[partition]++]
    const { kind, text } = outcomeDue(source, id, reason)
    const due = kind === 'assignment' ? assignments : deadLetters
    due[partition].push(text)
  }
  return { assignments: assignments.flat(), deadLetters: deadLetters.flat() }
}

function foundOutcomes(assignments: Partitions, deadLetters: Partitions): Outcomes {
  return {
    assignments: assignments.flat().map((record) => outcomeFound('assignment', record).text),
    deadLetters: deadLetters.flat().map((record) => outcomeFound('dead letter', record).text),
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
function firstDifferences(expected: readonly string[], found: readonly string[]): readonly string[] {
  const differences: string[] = []
  for (let i = 0; i < Math.max(expected.length, found.length) && differences.length < 3; i++) {
    if (expected[i] !== found[i]) differences.push(`line ${i} must be "${expected[i]}": got "${found[i]}"`)
  }
  return differences
}
