/** `shoal status`, `shoal top` and `shoal anomalies`, from the topics of a running service and from its API. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { avroWriter } from '../../src/adapters/registry/avro-values.ts'
import { statusSchema } from '../../src/http/status.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import { anomalyViewSchema } from '../../src/runtime/views/anomaly-view.ts'
import { clusteredRows } from '../core/model/sample-model.ts'
import { type Serving, serving } from '../http/serving.ts'
import { type RunningService, run, schemaText, until } from '../pipeline/harness.ts'
import { type CommandLine, commandLine } from './command-line.ts'

const yaml = `
name: cards
input: { topic: events, format: json, time: null }
features: [{ field: x, transform: none, missing: mean }, { field: y, transform: none, missing: mean }]
clusters: { k: 4 }
bootstrap: { minEvents: 1000 }
anomalies: { budget: 0.02 }
`
const count = 3000
const rows = clusteredRows(count, 2, 4, 11)

/** Events of four clusters, of which one in a hundred lies far away. */
async function feed({ log }: CommandLine, from: number, to: number): Promise<void> {
  await log.publish((outputs) => {
    for (let i = from; i < to; i++) {
      const far = i % 100 === 99 ? 500 : 0
      const value = Buffer.from(`{"id":"e${i}","x":${rows[2 * i] + far},"y":${rows[2 * i + 1]}}`)
      outputs.append({
        topic: 'events',
        partition: i % 2,
        key: Buffer.from(`c${i % 7}`),
        value,
        timestamp: systemClock.date(),
      })
    }
  })
}

let line: CommandLine
let service: RunningService
let done = 0

beforeAll(async () => {
  line = commandLine(yaml)
  const { cluster, registry, configuration, log } = line
  await log.prepare([{ topic: 'events', partitions: 2, cleanup: 'delete', owner: 'shoal' }], true)
  await feed(line, 0, 2500)
  service = run(serviceSettings(configuration), cluster.client(), null, {
    registry,
    encodeAnomaly: (id) => avroWriter(schemaText('anomaly'), id),
    onCommitted: ({ valid }) => {
      done += valid
    },
  })
  await until(
    () => done === 2500,
    () => service.health.line(),
  )
})
afterAll(() => service.stop())

describe('from the topics', () => {
  test('shoal status says in one sentence that all is well', async () => {
    const { code, stdout } = await line.shoal(['status'])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^Serving version \d+ · [\d,]+ events\/s · 0\.0 s behind · 4 clusters · [\d.]+ % anomalous \(budget 2 %\) · no drift\n/,
    )
  })

  test('shoal status --json is what the API says of a process, as far as topics can tell', async () => {
    const { sentence, ...status } = JSON.parse((await line.shoal(['status', '--json'])).stdout)
    expect(statusSchema.parse(status)).toEqual(status)
    expect(status).toMatchObject({ name: 'cards', state: 'serving', lag: { events: 0 }, model: { k: 4, budget: 0.02 } })
    expect(sentence[0].gravity).toBe('well')
  })

  test('shoal status says what it has asked, and what only a process can tell', async () => {
    const { stdout } = await line.shoal(['status'])
    expect(stdout).toMatch(
      /\n {2}kafka, registry answered here; redis is not used\. How each process is, only its API says/,
    )
  })

  test('shoal status asks Redis where the configuration names it, and ends with 1 when that does not answer', async () => {
    const { code, stdout } = await commandLine(`${yaml}redis: { url: 'redis://127.0.0.1:9' }`, line).shoal(['status'])
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^Degraded: redis: .* 127\.0\.0\.1:9/)])
  })

  test('shoal status says what is not there', async () => {
    const { code, error } = await commandLine('name: other').shoal(['status'])
    expect([code, error]).toEqual([1, expect.stringContaining('other.models must exist')])
  })

  test('shoal top is a sentence a second where no terminal reads it, and JSON where that is asked for', async () => {
    const plain = await line.shoal(['top', '--count', '2'])
    expect([plain.code, plain.stdout.trimEnd().split('\n').length]).toEqual([0, 2])
    expect(plain.stdout).toMatch(/^Serving version .*\nServing version .*\n$/)
    const { stdout } = await line.shoal(['top', '--json', '--count', '1'])
    const moment = JSON.parse(stdout)
    expect(moment.status.model.k).toBe(4)
    expect(moment.clusters.length).toBe(4)
    expect(moment.anomalies.length).toBe(5)
    expect(moment.drifts).toEqual([])
  })

  test('shoal top is drawn on a terminal, which is left as it was when it is interrupted', async () => {
    const stop = new AbortController()
    const ended = await line.shoal(
      ['top'],
      stop.signal,
      (written) => written.includes('Last anomalies') && stop.abort(),
      {
        columns: 100,
        rows: 30,
      },
    )
    expect(ended.code).toBe(0)
    expect(ended.stdout.startsWith('\u001b[?1049h\u001b[?25l\u001b[H')).toBe(true)
    expect(ended.stdout.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true)
    expect(ended.stdout).toContain('events/s')
  })

  test('shoal anomalies shows the newest first, and why', async () => {
    const { stdout } = await line.shoal(['anomalies', '--limit', '5'])
    const [head, ...shown] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^when +entity +score +far +cluster +why$/)
    expect(shown.length).toBe(5)
    expect(shown.join('\n')).toMatch(/ c\d +[01]\.\d{4} +[\d,]+ +\d {2}x \S+ where \S+ is usual/)
  })

  test('shoal anomalies --json is what the API says of them, of an entity and since a time', async () => {
    const all = async (...args: string[]) => {
      const { stdout } = await line.shoal(['anomalies', '--json', ...args])
      return stdout
        .split('\n')
        .filter((text) => text !== '')
        .map((text) => anomalyViewSchema.parse(JSON.parse(text)))
    }
    const of = await all('--entity', 'c3', '--limit', '3')
    expect(of.length).toBeGreaterThan(0)
    expect(new Set(of.map(({ key }) => key))).toEqual(new Set(['c3']))
    const times = of.map(({ atMs }) => atMs)
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    expect(await all('--since', '2100-01-01')).toEqual([])
  })

  test('shoal anomalies --follow shows those that come, too, each once', async () => {
    const before = (await line.shoal(['anomalies', '--json', '--limit', '10000'])).stdout.trimEnd().split('\n').length
    const stop = new AbortController()
    const ids = (text: string) =>
      text
        .split('\n')
        .filter((each) => each.endsWith('}'))
        .map((each) => JSON.parse(each).eventId)
    let isFed = false
    const following = line.shoal(['anomalies', '--json', '--limit', '10000', '--follow'], stop.signal, (written) => {
      if (ids(written).length >= before && !isFed) {
        isFed = true
        void feed(line, 2500, 3000)
      }
      if (ids(written).includes('e2999')) stop.abort()
    })
    const { code, stdout } = await following
    expect(code).toBe(0)
    const shown = ids(stdout)
    expect(new Set(shown).size).toBe(shown.length)
    expect(shown).toContain('e2999')
  })
})

test('shoal status ends with 1 when nobody reads what is there', async () => {
  const idle = commandLine(yaml.replace('cards', 'idle'))
  await idle.log.prepare([{ topic: 'events', partitions: 2, cleanup: 'delete', owner: 'shoal' }], true)
  const [settings, parts] = [serviceSettings(idle.configuration), { registry: idle.registry }]
  await feed(idle, 0, 1500)
  const worker = run(settings, idle.cluster.client(), null, parts)
  await until(
    () => worker.health.report().state === 'serving',
    () => worker.health.line(),
  )
  await worker.stop()
  await feed(idle, 1500, 2500)
  const { code, stdout, error } = await idle.shoal(['status'])
  expect([code, error]).toEqual([1, expect.stringContaining('all must be well: 0 events/s')])
  expect(stdout).toMatch(/0 events\/s · 1[0-9] s behind \([\d,]+ events\)/)
}, 60_000)

describe('from the API', () => {
  let api: Serving
  beforeAll(async () => {
    api = await serving()
    await api.feed(2000)
  })
  afterAll(() => api.stop())

  test('shoal status and shoal top say what the process says', async () => {
    const status = await line.shoal(['status', '--url', api.server.url])
    expect([status.code, status.error]).toEqual([0, ''])
    expect(status.stdout).toMatch(/^Serving version \d+ · /)
    const { stdout } = await line.shoal(['top', '--json', '--count', '1', '--url', api.server.url])
    const moment = JSON.parse(stdout)
    expect(moment.status.name).toBe('shown')
    expect(moment.clusters.length).toBe(moment.status.model.k)
    expect(moment.anomalies.length).toBeGreaterThan(0)
  })

  test('shoal anomalies shows what the process says', async () => {
    const { code, stdout } = await line.shoal(['anomalies', '--json', '--limit', '3', '--url', api.server.url])
    const views = stdout
      .trimEnd()
      .split('\n')
      .map((text) => anomalyViewSchema.parse(JSON.parse(text)))
    expect([code, views.length]).toEqual([0, 3])
    const { key } = views[0]
    const of = await line.shoal(['anomalies', '--json', '--entity', String(key), '--url', api.server.url])
    expect(of.stdout).toContain(`"eventId":"${views[0].eventId}"`)
    expect((await line.shoal(['anomalies', '--follow', '--url', api.server.url])).code).toBe(2)
  })

  test('a process that is away, and a URL that is none, are said', async () => {
    const away = await line.shoal(['status', '--url', 'http://127.0.0.1:9'])
    expect([away.code, away.error]).toEqual([3, expect.stringContaining('127.0.0.1:9 must answer')])
    const wrong = await line.shoal(['status', '--url', 'localhost'])
    expect([wrong.code, wrong.error]).toEqual([2, expect.stringContaining('--url must be like')])
  })
})
