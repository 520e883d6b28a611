/** Spans of the runtime as OpenTelemetry's, by its conventions for messaging; what they are named by is that of the log. */
import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  isSpanContextValid,
  type Span as OtelSpan,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { codeOf } from '../../runtime/errors.ts'
import type { MessageWork, Span, SpanPlan } from '../../runtime/span.ts'
import { countOf } from '../../stages/records.ts'

export interface SpanSource {
  readonly tracer: Tracer
  /** Reads and writes traceparent headers of records, whatever requests use. */
  readonly w3c: TextMapPropagator
}

interface OpenSpan {
  readonly place: SpanContext
  isOpen: boolean
}

/**
 * What was started inside of a span and goes on after it, a connection for instance, keeps its context for ever: the end
 * is noted here, so that what is said there later does not name it.
 */
const openSpanKey = createContextKey('the span of this process')

export function startSpan({ tracer, w3c }: SpanSource, name: string, plan: SpanPlan): Span {
  const { kind = 'internal', facts = {}, messages, headers } = plan
  const around = headers === undefined ? contextOf(plan) : propagation.extract(ROOT_CONTEXT, headers)
  const attributes: Attributes = { ...(messages === undefined ? {} : attributesOf(messages)), ...facts }
  const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, around)
  const open: OpenSpan = { place: span.spanContext(), isOpen: true }
  const within = trace.setSpan(around, span).setValue(openSpanKey, open)
  return {
    isRecorded: span.isRecording(),
    add: (more) => void span.setAttributes(more),
    link(traceparent) {
      const place = placeOf(w3c, traceparent)
      if (place !== null) span.addLink({ context: place })
    },
    traceparent: () => (span.isRecording() ? traceparentOf(w3c, within) : null),
    run: (work) => context.with(within, work),
    fail: (type) => fail(span, type),
    end(error) {
      if (error !== undefined) failBy(span, error)
      span.end()
      open.isOpen = false
    },
  }
}

/** A span that has ended is nobody's parent any more: see `openSpanKey`. */
function contextOf({ isRoot }: SpanPlan): Context {
  return isRoot || placeNow() === null ? ROOT_CONTEXT : context.active()
}

/** Where the work that is done just now lies in its trace; null outside of any. */
function placeNow(): SpanContext | null {
  const open = context.active().getValue(openSpanKey) as OpenSpan | undefined
  return open?.isOpen && isSpanContextValid(open.place) ? open.place : null
}

/** What a log line says of it. */
export function fieldsOfSpan(): Readonly<Record<string, string>> {
  const place = placeNow()
  if (place === null) return {}
  return { trace_id: place.traceId, span_id: place.spanId, trace_flags: `0${place.traceFlags.toString(16)}` }
}

/** By which a measurement leads to the trace that it was made in; null outside of one, and in one that nobody will see. */
export function exemplarOfSpan(): Readonly<Record<string, string>> | null {
  const place = placeNow()
  if (place === null || (place.traceFlags & TraceFlags.SAMPLED) === 0) return null
  return { trace_id: place.traceId, span_id: place.spanId }
}

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
} as const

function attributesOf({ operation, topic, group, batches }: MessageWork): Attributes {
  const partitions = new Set(batches.map(({ partition }) => partition))
  const [only] = partitions
  return {
    'messaging.system': 'kafka',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation === 'commit' ? 'settle' : operation,
    'messaging.destination.name': topic,
    'messaging.consumer.group.name': group,
    'messaging.batch.message_count': countOf(batches),
    ...(partitions.size === 1 ? { 'messaging.destination.partition.id': String(only) } : {}),
  }
}

function fail(span: OtelSpan, type: string, message?: string): void {
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) })
}

function failBy(span: OtelSpan, error: unknown): void {
  const words = error instanceof Error ? error.message : String(error)
  span.recordException(error instanceof Error ? error : words)
  fail(span, codeOf(error), words)
}

/** Null when it is none. */
function placeOf(w3c: TextMapPropagator, traceparent: string): SpanContext | null {
  const getter = {
    get: (_: unknown, name: string) => (name === 'traceparent' ? traceparent : undefined),
    keys: () => [],
  }
  return trace.getSpanContext(w3c.extract(ROOT_CONTEXT, {}, getter)) ?? null
}

function traceparentOf(w3c: TextMapPropagator, of: Context): string | null {
  let found: string | null = null
  w3c.inject(of, null, {
    set(_, name, value) {
      if (name === 'traceparent') found = value
    },
  })
  return found
}
