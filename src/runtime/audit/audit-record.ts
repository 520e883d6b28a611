/** What the audit keeps. */

export const auditKinds = ['configuration', 'command', 'access', 'birth', 'rollback'] as const
export type AuditKind = (typeof auditKinds)[number]

/**
 * `given`: a command was written to the log. `obeyed`: the model has come to it and did it. `refused`: the model did not,
 * or nobody was let in. `recorded`: a configuration. `promoted`: a version from which learning goes on.
 */
export const auditOutcomes = ['given', 'obeyed', 'refused', 'recorded', 'promoted'] as const
export type AuditOutcome = (typeof auditOutcomes)[number]

export interface Fact {
  readonly name: string
  readonly value: string
}

/** What happened. */
export interface AuditEntry {
  readonly kind: AuditKind
  readonly what: string
  readonly by: string
  readonly reason: string
  readonly outcome: AuditOutcome
  /** The version of the model that it made or was given to; 0: none. */
  readonly version: number
  readonly facts: readonly Fact[]
  /** Of a configuration, the keys that differ from the one recorded before it. */
  readonly differs: readonly string[]
}

/** A record of the topic by its place and its hash. */
export interface SeenRecord {
  readonly offset: number
  readonly hash: Uint8Array
}

/** Where a record stands among others. */
export interface Link {
  /** Whose chain it belongs to. */
  readonly writer: string
  readonly sequence: number
  /** Where the record before it in the chain was read back; -1: there is none, or it has not been read back. */
  readonly previousOffset: number
  /** Zeros in the first. */
  readonly previousHash: Uint8Array
  /** The newest records of the topic that the writer had read, oldest first. */
  readonly seen: readonly SeenRecord[]
}

export interface AuditRecord extends AuditEntry, Link {
  readonly atMs: number
}

export const hashBytes = 32
export const mostSeen = 16
/** Texts and names are cut to so many UTF-16 units, lists to so many entries: a record fits any broker's default. */
export const mostText = 1000
export const mostName = 200
export const mostListed = 150

/** An entry with what is usual where nothing is said. */
export function entryOf(entry: Pick<AuditEntry, 'kind' | 'what' | 'by' | 'outcome'> & Partial<AuditEntry>): AuditEntry {
  return { reason: '', version: 0, facts: [], differs: [], ...entry }
}
