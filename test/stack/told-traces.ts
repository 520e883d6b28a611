/** What docs/tracing.md says of the spans, held against those that have arrived. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../servers.ts'
import { type SpanReceiver, startSpanReceiver, type ToldSpan } from './span-receiver.ts'
import { caller, events, producers, type Told, tracedPipeline } from './traced-pipeline.ts'

/** By whom spans are taken, and what they are told of that. */
export interface Way {
  readonly environment: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** `open` makes the way to the receiver's address; null: it cannot be had here. */
export function spansArrive(title: string, open: ((to: string) => Promise<Way>) | null): void {
  const theorem = open === null ? test.skip : test
  describeWith(['kafka', 'registry', 'redis'], title, (addresses) => {
    let receiver: SpanReceiver
    let way: Way
    let told: Told
    const named = (name: string) => told.spans.filter((span) => span.name === name)
    const inside = (parent: ToldSpan) => told.spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId)

    beforeAll(async () => {
      if (open === null) return
      receiver = await startSpanReceiver()
      way = await open(receiver.url)
      told = await tracedPipeline(addresses, receiver, way.environment)
    })
    afterAll(async () => {
      await way?.stop()
      await receiver?.stop()
    })

    theorem('of every batch, by the conventions for messaging, in the transaction that it fills', () => {
      const batches = named(`process ${told.input}`)
      const counts = batches.map(({ attributes }) => Number(attributes['messaging.batch.message_count']))
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(events)
      expect(batches[0]).toMatchObject({
        kind: 5,
        attributes: {
          'messaging.system': 'kafka',
          'messaging.operation.type': 'process',
          'messaging.operation.name': 'process',
          'messaging.destination.name': told.input,
          'messaging.consumer.group.name': told.name,
          'shoal.model.version': expect.any(Number),
        },
      })
      const transactions = named(`transaction ${told.name}`)
      expect(transactions).toHaveLength(batches.length)
      for (const transaction of transactions) {
        expect(transaction).toMatchObject({ kind: 1, parentSpanId: '', attributes: { 'shoal.stage': 'score' } })
        expect(transaction.attributes['shoal.transaction.bytes']).toBeGreaterThan(0)
        const parts = inside(transaction).sort((a, b) => a.name.localeCompare(b.name))
        expect(parts.map(({ name }) => name)).toEqual([`commit ${told.input}`, `process ${told.input}`])
        expect(parts[0]).toMatchObject({ kind: 3, attributes: { 'messaging.operation.type': 'settle' } })
      }
    })

    theorem('that are linked to the producers of their events, each once', () => {
      const links = named(`process ${told.input}`).flatMap((batch) => {
        expect(new Set(batch.links.map(({ spanId }) => spanId)).size).toBe(batch.links.length)
        return batch.links.map(({ traceId, spanId }) => ({ traceId, spanId }))
      })
      for (const producer of producers) expect(links).toContainEqual(producer)
      for (const link of links) expect(producers).toContainEqual(link)
    })

    theorem('of every fold, linked to the batches that it learns from', () => {
      const folds = named(`process ${told.name}.model-updates`).filter(({ links }) => links.length > 0)
      const batches = named(`process ${told.input}`).map(({ traceId, spanId }) => ({ traceId, spanId }))
      const learned = folds.flatMap(({ links }) => links.map(({ traceId, spanId }) => ({ traceId, spanId })))
      expect(learned).toHaveLength(batches.length)
      for (const batch of batches) expect(learned).toContainEqual(batch)
      const group = `${told.name}.train`
      expect(folds[0]).toMatchObject({ kind: 5, attributes: { 'messaging.consumer.group.name': group } })
    })

    theorem('of the birth, of every version in its transaction, and of every snapshot', () => {
      for (const name of ['give birth', 'publish version']) {
        const [first] = named(name)
        expect(first.parentSpanId).toBe('')
        expect(inside(first).map((part) => part.name)).toEqual([`transaction ${told.name}.train`])
      }
      const snapshots = named('write snapshot')
      expect(snapshots[0]).toMatchObject({ kind: 3, attributes: { 'shoal.snapshot.outcome': 'written' } })
    })

    theorem('of a request, in the trace of its caller', () => {
      expect(named('GET /v1/status')).toMatchObject([
        {
          kind: 2,
          traceId: caller.traceId,
          parentSpanId: caller.spanId,
          attributes: {
            'http.request.method': 'GET',
            'http.route': '/v1/status',
            'http.response.status_code': 200,
            'url.scheme': 'http',
          },
        },
      ])
    })

    theorem('with the process that they are of', () => {
      for (const { resource } of told.spans) {
        expect(resource).toMatchObject({
          'service.name': 'shoal',
          'service.version': expect.stringMatching(/^\d/),
          'service.instance.id': expect.stringContaining(told.name),
        })
      }
    })

    theorem('and lines of the log name the span that they were said in', () => {
      const [birth] = named('give birth')
      const [born] = told.lines.filter(({ message }) => message === 'a model is born')
      expect(born).toMatchObject({ trace_id: birth.traceId, span_id: birth.spanId, trace_flags: '01' })
      const ids = new Set(told.spans.map(({ spanId }) => spanId))
      for (const { span_id } of told.lines) if (span_id !== undefined) expect(ids).toContain(span_id)
      expect(told.lines.some(({ span_id }) => span_id === undefined)).toBe(true)
    })

    theorem('and with parentbased_traceidratio of 0, only what a caller asks to be traced', () => {
      expect(told.sampled).toMatchObject([{ name: 'GET /v1/status', traceId: caller.traceId }])
    })
  })
}
