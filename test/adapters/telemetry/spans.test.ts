import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { tracing as sdk } from '@opentelemetry/sdk-node'
import { afterEach, describe, expect, test } from 'vitest'
import { telemetry } from '../../../src/adapters/telemetry/telemetry.ts'
import { ShoalError } from '../../../src/runtime/errors.ts'
import { inSpan, noSpan } from '../../../src/runtime/span.ts'
import { traced, untraced } from './traced.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'
const theirs = `00-${traceId}-${spanId}-01`
const noneOfTheirs = `00-${traceId}-${spanId}-00`

afterEach(untraced)

describe('a span', () => {
  test('has name, kind and facts', () => {
    const { said, spans } = traced()
    const span = said.startSpan('GET /', { kind: 'server', facts: { 'http.request.method': 'GET' } })
    span.add({ 'http.response.status_code': 200 })
    span.end()
    expect(spans()).toMatchObject([
      {
        name: 'GET /',
        kind: SpanKind.SERVER,
        attributes: { 'http.request.method': 'GET', 'http.response.status_code': 200 },
        status: { code: SpanStatusCode.UNSET },
      },
    ])
  })

  test('about records is told by the conventions for messaging', () => {
    const { said, spans } = traced()
    const at = { topic: 'in', group: 'cards' }
    const batches = [
      { partition: 3, count: 7 },
      { partition: 3, count: 5 },
    ]
    said.startSpan('process in', { kind: 'consumer', messages: { ...at, operation: 'process', batches } }).end()
    const two = [...batches, { partition: 4, count: 1 }]
    said.startSpan('commit in', { kind: 'client', messages: { ...at, operation: 'commit', batches: two } }).end()
    const both = {
      'messaging.system': 'kafka',
      'messaging.destination.name': 'in',
      'messaging.consumer.group.name': 'cards',
    }
    expect(spans().map(({ attributes }) => attributes)).toEqual([
      {
        ...both,
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.batch.message_count': 12,
        'messaging.destination.partition.id': '3',
      },
      {
        ...both,
        'messaging.operation.name': 'commit',
        'messaging.operation.type': 'settle',
        'messaging.batch.message_count': 13,
      },
    ])
  })

  test('ends with the error of its work, which is thrown on', async () => {
    const { said, spans } = traced()
    const fenced = () => Promise.reject(new ShoalError('log.fenced', 'another has it'))
    await expect(inSpan(said, 'commit', {}, fenced)).rejects.toThrow('another has it')
    expect(spans()).toMatchObject([
      { status: { code: SpanStatusCode.ERROR, message: 'another has it' }, attributes: { 'error.type': 'log.fenced' } },
    ])
    expect(spans()[0].events).toHaveLength(1)
  })

  test('gives what its work gives, and so does the work where nobody traces', async () => {
    expect(await inSpan(traced().said, 'batch', {}, async () => 7)).toBe(7)
    const { startSpan } = telemetry({ level: 'error', base: {}, tracing: null })
    expect(startSpan('batch', {})).toBe(noSpan)
    expect(await inSpan({ startSpan }, 'batch', {}, async (span) => span.traceparent())).toBeNull()
  })

  test('lies in the one that it was started in, also after a wait, unless it is a root', async () => {
    const { said, spans } = traced()
    await inSpan(said, 'outer', {}, async () => {
      await Promise.resolve()
      said.startSpan('inner', {}).end()
      said.startSpan('own', { isRoot: true }).end()
    })
    const [inner, own, outer] = spans()
    expect(inner.parentSpanContext?.spanId).toBe(outer.spanContext().spanId)
    expect(own.parentSpanContext).toBeUndefined()
    expect(own.spanContext().traceId).not.toBe(outer.spanContext().traceId)
  })

  test('lies in none that has ended', () => {
    const { said, spans } = traced()
    const outer = said.startSpan('outer', {})
    outer.run(() => {
      outer.end()
      said.startSpan('later', {}).end()
    })
    expect(spans()[1].parentSpanContext).toBeUndefined()
  })

  test('goes on in the trace of who asked for it, and begins one for who has none', () => {
    const { said, spans } = traced()
    said.startSpan('asked', { headers: { traceparent: theirs, tracestate: 'a=b' } }).end()
    said.startSpan('outer', {}).run(() => said.startSpan('asked by nobody', { headers: { accept: '*/*' } }).end())
    const [asked, byNobody] = spans()
    expect(asked.parentSpanContext).toMatchObject({ traceId, spanId, isRemote: true })
    expect(asked.spanContext().traceState?.serialize()).toBe('a=b')
    expect(byNobody.parentSpanContext).toBeUndefined()
  })

  test('links to what a traceparent names, and passes over what is none', () => {
    const { said, spans } = traced()
    const span = said.startSpan('process', {})
    const none = ['', 'x', `00-${'0'.repeat(32)}-${spanId}-01`, `ff${theirs.slice(2)}`, `${theirs}${'x'.repeat(1000)}`]
    for (const traceparent of [...none, theirs]) span.link(traceparent)
    span.end()
    expect(spans()[0].links).toMatchObject([{ context: { traceId, spanId, traceFlags: 1 } }])
    expect(spans()[0].links).toHaveLength(1)
  })

  test('is found by its own traceparent', () => {
    const { said, spans } = traced()
    const first = said.startSpan('first', {})
    const second = said.startSpan('second', {})
    second.link(first.traceparent() ?? '')
    second.end()
    first.end()
    expect(spans()[0].links).toMatchObject([{ context: { spanId: spans()[1].spanContext().spanId } }])
  })

  test('that the sampler leaves out has no traceparent and is not recorded', () => {
    const { said, spans } = traced({ sampler: new sdk.AlwaysOffSampler() })
    const span = said.startSpan('batch', {})
    expect([span.isRecorded, span.traceparent()]).toEqual([false, null])
    span.end()
    expect(spans()).toEqual([])
  })
})

describe('a line of the log', () => {
  test('names the span that it is said in, and outside of any none', async () => {
    const { said, spans, lines } = traced()
    said.log.info('before')
    await inSpan(said, 'batch', {}, async () => {
      await Promise.resolve()
      said.log.warn('in it', { events: 3 })
    })
    said.log.info('after')
    const place = spans()[0].spanContext()
    expect(lines()).toEqual([
      expect.not.objectContaining({ trace_id: expect.anything() }),
      expect.objectContaining({ events: 3, trace_id: place.traceId, span_id: place.spanId, trace_flags: '01' }),
      expect.not.objectContaining({ trace_id: expect.anything() }),
    ])
  })

  test('names the trace of who asked, also when they leave it out', () => {
    const { said, lines } = traced({ sampler: new sdk.ParentBasedSampler({ root: new sdk.AlwaysOnSampler() }) })
    said.startSpan('GET /', { headers: { traceparent: noneOfTheirs } }).run(() => said.log.info('asked'))
    expect(lines()).toMatchObject([{ trace_id: traceId, trace_flags: '00' }])
  })

  test('that is said by what a span has left behind does not name it', () => {
    const { said, lines } = traced()
    const span = said.startSpan('connect', {})
    span.run(() => {
      span.end()
      said.log.warn('the connection is gone')
    })
    expect(lines()[0]).not.toHaveProperty('trace_id')
  })
})
