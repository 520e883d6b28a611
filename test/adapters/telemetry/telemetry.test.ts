import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { tracing as sdk } from '@opentelemetry/sdk-node'
import { afterEach, describe, expect, test } from 'vitest'
import { type ProcessTelemetry, telemetry } from '../../../src/adapters/telemetry/telemetry.ts'
import { startOpenTelemetry } from '../../../src/adapters/telemetry/tracing.ts'
import { ShoalError } from '../../../src/runtime/errors.ts'
import { metrics } from '../../../src/runtime/metrics.ts'
import { inSpan } from '../../../src/runtime/span.ts'
import { traced, untraced } from './traced.ts'

function silent(level: 'info' | 'warn' | 'error' = 'info') {
  const lines: string[] = []
  const made = telemetry({
    level,
    destination: { write: (line) => void lines.push(line) },
    base: { service: 'shoal' },
    tracing: null,
  })
  return { ...made, said: () => lines.map((line) => JSON.parse(line)) }
}
const linesOf = async (of: Pick<ProcessTelemetry, 'expose'>, name: string) =>
  (await of.expose(undefined)).text.split('\n').filter((line) => line.startsWith(name))

describe('the log', () => {
  test('is one JSON object a line, with level, time and message in words', () => {
    const { log, said } = silent()
    log.warn('the disk is full', { folder: '/x' })
    expect(said()).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        service: 'shoal',
        folder: '/x',
        message: 'the disk is full',
      },
    ])
  })

  test('leaves out what is less severe than its level', () => {
    const { log, said } = silent('warn')
    log.info('a')
    log.warn('b')
    log.error('c')
    expect(said().map(({ message }) => message)).toEqual(['b', 'c'])
  })

  test('says an error with its code and causes, and nothing else that hangs on it', () => {
    const { log, said } = silent()
    const vendor = Object.assign(new Error('socket closed'), { config: { password: 'very-secret' } })
    log.error('failed', { error: new ShoalError('log.unavailable', 'Kafka is gone', { cause: vendor }) })
    expect(said()[0].error).toMatchObject({
      code: 'log.unavailable',
      message: 'Kafka is gone',
      cause: { code: 'unexpected', message: 'socket closed' },
    })
    expect(JSON.stringify(said())).not.toContain('very-secret')
  })

  test('says where an error that is not ours came from', () => {
    const { log, said } = silent()
    log.error('failed', { error: new TypeError('x is undefined') })
    expect(said()[0].error).toMatchObject({ name: 'TypeError', stack: expect.stringContaining('telemetry.test') })
  })

  test('an error that is its own cause ends', () => {
    const { log, said } = silent()
    const error = new Error('round')
    error.cause = error
    log.error('failed', { error })
    expect(said()).toHaveLength(1)
  })
})

describe('metrics', () => {
  test('are those of the catalogue, with their help', async () => {
    const { text } = await silent().expose(undefined)
    for (const [name, { kind, help }] of Object.entries(metrics)) {
      expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`)
    }
  })

  test('hold the event loop and the heap of the process', async () => {
    const { text } = await silent().expose(undefined)
    expect(text).toContain('nodejs_eventloop_lag_seconds')
    expect(text).toContain('nodejs_heap_size_used_bytes')
  })

  test('a counter adds up, by label', async () => {
    const one = silent()
    one.count('shoal_dead_letters_total', 2, { reason: 'malformed' })
    one.count('shoal_dead_letters_total', 3, { reason: 'malformed' })
    one.count('shoal_dead_letters_total', 1, { reason: 'tombstone' })
    expect(await linesOf(one, 'shoal_dead_letters_total')).toEqual([
      'shoal_dead_letters_total{reason="malformed"} 5',
      'shoal_dead_letters_total{reason="tombstone"} 1',
    ])
  })

  test('a counter without labels is 0 before anything is counted', async () => {
    expect(await linesOf(silent(), 'shoal_events_total')).toEqual(['shoal_events_total 0'])
  })

  test('a histogram counts into the buckets of the catalogue', async () => {
    const one = silent()
    one.observe('shoal_batch_seconds', 0.003, { stage: 'score' })
    expect(await linesOf(one, 'shoal_batch_seconds')).toEqual(
      expect.arrayContaining([
        'shoal_batch_seconds_bucket{le="0.0025",stage="score"} 0',
        'shoal_batch_seconds_bucket{le="0.005",stage="score"} 1',
        'shoal_batch_seconds_sum{stage="score"} 0.003',
      ]),
    )
  })

  test('a gauge says the last value, and goes with NaN', async () => {
    const one = silent()
    one.gauge('shoal_lag_events', 7, { partition: '0' })
    one.gauge('shoal_lag_events', 9, { partition: '1' })
    one.gauge('shoal_lag_events', Number.NaN, { partition: '0' })
    expect(await linesOf(one, 'shoal_lag_events')).toEqual(['shoal_lag_events{partition="1"} 9'])
  })

  test('two in one process do not share', async () => {
    const [one, other] = [silent(), silent()]
    one.count('shoal_events_total', 5, {})
    expect(await linesOf(other, 'shoal_events_total')).toEqual(['shoal_events_total 0'])
  })

  test('are OpenMetrics for whoever asks for that, with other names for counters, and the text is the same before and after', async () => {
    const one = silent()
    one.count('shoal_dead_letters_total', 2, { reason: 'mal"formed\\\n' })
    one.observe('shoal_batch_seconds', 0.003, { stage: 'score' })
    const before = await linesOf(one, 'shoal_')
    const { contentType, text } = await one.expose('application/openmetrics-text;version=1.0.0,text/plain;q=0.5')
    expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(text).toContain(
      '# TYPE shoal_dead_letters counter\nshoal_dead_letters_total{reason="mal\\"formed\\\\\\n"} 2\n',
    )
    expect(text).toContain('shoal_batch_seconds_bucket{le="+Inf",stage="score"} 1\n')
    expect(text.endsWith('\n# EOF\n')).toBe(true)
    expect(await linesOf(one, 'shoal_')).toEqual(before)
  })

  test.each([undefined, '', '*/*', 'text/plain', 'application/openmetrics-text;q=0, text/plain'])(
    'are the text for whoever accepts %j',
    async (accept) => {
      const { contentType, text } = await silent().expose(accept)
      expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
      expect(text).toContain('# TYPE shoal_events_total counter\nshoal_events_total 0\n')
    },
  )

  afterEach(untraced)

  test('an observation in a sampled span leads to its trace, and one outside of any does not', async () => {
    const { said, spans } = traced()
    const { expose, observe } = said
    observe('shoal_batch_seconds', 0.003, { stage: 'train' })
    await inSpan(said, 'batch', {}, async () => observe('shoal_batch_seconds', 0.003, { stage: 'score' }))
    const [{ traceId }] = spans().map((span) => span.spanContext())
    const { text } = await expose('application/openmetrics-text')
    const withExemplar = text.split('\n').filter((line) => line.includes(' # {'))
    expect(withExemplar).toHaveLength(1)
    expect(withExemplar[0]).toMatch(
      new RegExp(
        `^shoal_batch_seconds_bucket\\{le="0.005",stage="score"\\} 1 # \\{trace_id="${traceId}",span_id="\\w{16}"\\} 0.003 \\d+`,
      ),
    )
    expect((await expose(undefined)).text).not.toContain(' # {')
  })

  test('a span that nobody will see is no exemplar', async () => {
    const { expose, observe, startSpan } = traced({ sampler: new sdk.AlwaysOffSampler() }).said
    startSpan('batch', {}).run(() => observe('shoal_batch_seconds', 0.003, { stage: 'score' }))
    expect((await expose('application/openmetrics-text')).text).not.toContain(' # {')
  })

  test('a metric that is used as another kind is refused', () => {
    const one = silent()
    expect(() => one.count('shoal_ready', 1, {})).toThrow(/shoal_ready is a gauge/)
  })
})

describe('tracing', () => {
  test.each([
    {},
    { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
    { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    { OTEL_TRACES_EXPORTER: '' },
  ])('the environment %j asks for none', async (environment) => {
    expect(await startOpenTelemetry(environment, { release: '1', instance: 'a' })).toBeNull()
  })
})

describe('a process that traces', () => {
  const folder = join(import.meta.dirname, '../../../src/adapters/telemetry')
  const program = `
    import { telemetry } from ${JSON.stringify(join(folder, 'telemetry.ts'))}
    import { startOpenTelemetry } from ${JSON.stringify(join(folder, 'tracing.ts'))}
    const tracing = await startOpenTelemetry(process.env, { release: '1.2.3', instance: 'worker-7' })
    const made = telemetry({ level: 'info', base: {}, tracing })
    made.startSpan('outer-batch', {}).run(() => made.startSpan('inner-commit', {}).end())
    await made.close()
    process.exit(0)`
  const run = (endpoint: string, more: Readonly<Record<string, string>> = {}) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
      env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...more },
    })

  /** What a collector receives of a run. */
  async function sent(more: Readonly<Record<string, string>> = {}) {
    const received: { path: string | undefined; body: string }[] = []
    const collector = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString('latin1')
      received.push({ path: request.url, body })
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
    })
    await once(collector.listen(0, '127.0.0.1'), 'listening')
    try {
      await run(`http://127.0.0.1:${(collector.address() as AddressInfo).port}`, more)
    } finally {
      collector.close()
    }
    return received
  }

  test('sends its spans to the collector of the environment before it ends, and neither metrics nor logs', async () => {
    const received = await sent()
    expect(received.map(({ path }) => path)).toEqual(['/v1/traces'])
    expect(received[0].body).toMatch(/shoal/)
    expect(received[0].body).toMatch(/outer-batch/)
    expect(received[0].body).toMatch(/inner-commit/)
    expect(received[0].body).toMatch(/service\.version\W+1\.2\.3/)
    expect(received[0].body).toMatch(/service\.instance\.id\W+worker-7/)
  })

  test('is called what the environment calls it', async () => {
    const [{ body }] = await sent({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=fraud,service.instance.id=eu-1' })
    expect(body).toMatch(/service\.name\W+fraud/)
    expect(body).toMatch(/service\.instance\.id\W+eu-1/)
    expect(body).not.toMatch(/service\.instance\.id\W+worker-7/)
  })

  test('says so when the collector is gone, and ends all the same', async () => {
    const { stderr } = await run('http://127.0.0.1:1')
    expect(JSON.parse(stderr)).toMatchObject({ level: 'warn', message: 'the last spans could not be sent' })
  })
})
