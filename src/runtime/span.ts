/** A piece of work as whoever traces this process sees it: when it began and ended, in what, and by whom it was asked for. */
import type { RecordBatch } from '../stages/records.ts'
import type { Telemetry } from './ports.ts'

export type SpanFacts = Readonly<Record<string, string | number | boolean>>

/** Work on records of a log. */
export interface MessageWork {
  readonly operation: 'process' | 'commit'
  readonly topic: string
  readonly group: string
  readonly batches: readonly Pick<RecordBatch, 'partition' | 'count'>[]
}

export interface SpanPlan {
  /** Who waits at the other end; by default nobody outside of this process. */
  readonly kind?: 'internal' | 'server' | 'client' | 'consumer'
  readonly facts?: SpanFacts
  readonly messages?: MessageWork
  /** It begins a trace of its own, wherever it is started. */
  readonly isRoot?: true
  /** Headers of the request that asks for it: its caller's trace goes on here, or a new one begins. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
}

export interface Span {
  /** Whether anybody will see it: what only it would tell need not be found out otherwise. */
  readonly isRecorded: boolean
  add(facts: SpanFacts): void
  /** To the trace of another's work that led to this, as its W3C traceparent says it; what is none is passed over. */
  link(traceparent: string): void
  /** By which others link to this, or go on from it; null when nobody will see it. */
  traceparent(): string | null
  /** What `work` starts belongs to this span, and what it logs names it. */
  run<T>(work: () => T): T
  /** It did not do what was asked for: a name for why, of which there are few. */
  fail(type: string): void
  /** Once. An error is recorded. */
  end(error?: unknown): void
}

/** For where nobody traces. */
export const noSpan: Span = {
  isRecorded: false,
  add: () => undefined,
  link: () => undefined,
  traceparent: () => null,
  run: (work) => work(),
  fail: () => undefined,
  end: () => undefined,
}

/** Runs `work` inside a span of its own; an error is recorded on it and thrown on. */
export async function inSpan<T>(
  telemetry: Pick<Telemetry, 'startSpan'>,
  name: string,
  plan: SpanPlan,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = telemetry.startSpan(name, plan)
  try {
    const result = await span.run(() => work(span))
    span.end()
    return result
  } catch (error) {
    span.end(error)
    throw error
  }
}
