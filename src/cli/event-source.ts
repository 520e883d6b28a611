/** Events to be produced, from wherever they come. */

export interface SourceEvent {
  readonly key: Uint8Array | null
  /** Null: a tombstone. */
  readonly value: Uint8Array | null
  /** Null: the time at which it is produced. */
  readonly timestampMs: number | null
}

export interface EventSource<E extends SourceEvent = SourceEvent> {
  /** Events in order, some at a time: at least one in each piece. */
  pieces(): AsyncIterable<readonly E[]>
  /** How much has been read, and how much there is, in any unit. */
  progress(): { readonly done: number; readonly total: number }
}
