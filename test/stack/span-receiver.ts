/** Who receives spans: OTLP in JSON over HTTP, flattened to what a test asks about. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Value = string | number | boolean | null

export interface ToldSpan {
  readonly name: string
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  /** Empty: the root of its trace. */
  readonly parentSpanId: string
  readonly attributes: Readonly<Record<string, Value>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  /** 2: an error. */
  readonly status: number
  /** Of the process that told it. */
  readonly resource: Readonly<Record<string, Value>>
}

export interface SpanReceiver {
  readonly url: string
  readonly spans: readonly ToldSpan[]
  stop(): Promise<void>
}

interface KeyValue {
  readonly key: string
  readonly value: {
    readonly stringValue?: string
    readonly intValue?: string | number
    readonly doubleValue?: number
    readonly boolValue?: boolean
  }
}

/** As the standard's JSON has it. */
interface WrittenSpan {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly attributes?: readonly KeyValue[]
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly status?: { readonly code?: number }
}

interface Written {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] }
    readonly scopeSpans?: readonly { readonly spans?: readonly WrittenSpan[] }[]
  }[]
}

export async function startSpanReceiver(): Promise<SpanReceiver> {
  const spans: ToldSpan[] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    if (request.url === '/v1/traces') spans.push(...flattened(JSON.parse(body)))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function flattened({ resourceSpans = [] }: Written): ToldSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map(({ name, kind, traceId, spanId, parentSpanId = '', ...rest }) => ({
        ...{ name, kind, traceId, spanId, parentSpanId },
        attributes: plain(rest.attributes),
        links: rest.links ?? [],
        status: rest.status?.code ?? 0,
        resource: plain(resource?.attributes),
      })),
    ),
  )
}

function plain(pairs: readonly KeyValue[] = []): Record<string, Value> {
  const valueIn = ({ stringValue, intValue, doubleValue, boolValue }: KeyValue['value']) =>
    stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue ?? null) : Number(intValue))
  return Object.fromEntries(pairs.map(({ key, value }) => [key, valueIn(value)]))
}
