import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../pipeline/harness.ts'
import { type Serving, serving } from './serving.ts'

let world: Serving
beforeAll(async () => {
  world = await serving()
  await world.feed(3000)
})
afterAll(() => world.stop())

/** Whatever was answered. */
type Answer = ReturnType<typeof JSON.parse>

async function json(path: string): Promise<Answer> {
  const answer = await world.get(path)
  const body = await answer.text()
  expect(`${answer.status} ${body.slice(0, 300)}`).toMatch(/^200 /)
  return JSON.parse(body)
}

describe('what is', () => {
  test('the status says in one answer whether it is well', async () => {
    await until(
      async () => (await json('/v1/status')).lag.events === 0,
      () => 'a lag of 0',
    )
    const status = await json('/v1/status')
    expect(status).toMatchObject({
      name: 'shown',
      state: 'serving',
      ready: true,
      model: { k: 4, budget: 0.01, frozen: false },
      birth: null,
      drifts: { open: 0, severity: null },
    })
    expect(status.dependencies.map((of: { name: string; state: string }) => [of.name, of.state])).toEqual([
      ['kafka', 'well'],
      ['registry', 'well'],
      ['redis', 'unused'],
    ])
  })

  test('partitions say how far the group is', async () => {
    await until(
      async () => (await json('/v1/partitions')).partitions.length === 2,
      () => 'two partitions',
    )
    for (const of of (await json('/v1/partitions')).partitions) {
      expect(of).toMatchObject({ position: of.end, lagEvents: 0, lagSeconds: 0 })
    }
  })

  test('the last seconds are kept before anybody looks', async () => {
    const history = await json('/v1/history?seconds=5')
    const { length } = history.atMs
    expect(length).toBeGreaterThan(0)
    for (const [name, series] of Object.entries(history)) {
      if (name !== 'shares' && name !== 'detectors') expect((series as number[]).length).toBe(length)
    }
    expect(history.shares.every((of: { values: number[] }) => of.values.length === length)).toBe(true)
  })

  test('the model that serves is a version that can be read, and differs from the first', async () => {
    const model = await json('/v1/model')
    expect(model.clusters).toHaveLength(4)
    const { versions } = await json('/v1/versions?limit=200')
    expect(versions[0].version).toBeGreaterThanOrEqual(model.version)
    expect(versions.at(-1).version).toBe(1)
    expect(await json(`/v1/versions/${model.version}`)).toMatchObject({ clusters: model.clusters })
    const diff = await json(`/v1/versions/1/diff/${model.version}`)
    expect(diff.clusters).toHaveLength(4)
    expect((await json(`/v1/versions?before=${versions[0].version}&limit=1`)).versions[0].version).toBeLessThan(
      versions[0].version,
    )
  })

  test('the map stays as it is while the model learns, and shows what was scored', async () => {
    const before = await json('/v1/model/map')
    expect(before).toMatchObject({ planeVersion: 1 })
    expect(before.clusters).toHaveLength(4)
    expect(before.events.length).toBeGreaterThan(50)
    expect(before.events.some((event: { anomalous: boolean }) => event.anomalous)).toBe(true)
    await world.feed(200)
    expect((await json('/v1/model/map')).axes).toEqual(before.axes)
  })

  test('anomalies come newest first, with who they are about and why', async () => {
    const { anomalies } = await json('/v1/anomalies?limit=5')
    expect(anomalies).toHaveLength(5)
    expect(anomalies[0]).toMatchObject({
      key: expect.stringMatching(/^customer /),
      sentence: expect.stringMatching(/^x\d .* is usual/),
      fingerprint: 'feedfacecafebeef',
    })
    const times = anomalies.map(({ atMs }: { atMs: number }) => atMs)
    expect(times).toEqual([...times].sort((a, b) => b - a))
    const { key } = anomalies[0]
    const ofOne = (await json(`/v1/anomalies?key=${encodeURIComponent(key)}`)).anomalies
    expect(new Set(ofOne.map((of: { key: string }) => of.key))).toEqual(new Set([key]))
  })

  test('drift says what is open and how near the detectors are', async () => {
    const drifts = await json('/v1/drifts')
    expect(drifts).toMatchObject({ name: 'shown', open: [], watch: { detectors: expect.any(Array) } })
    expect((await json('/v1/drifts?kind=cluster')).events.every((of: Answer) => of.kind.startsWith('cluster.'))).toBe(
      true,
    )
  })

  test('the configuration is told without secrets', async () => {
    expect(await json('/v1/configuration')).toMatchObject({ name: 'shown', servers: expect.any(Object) })
  })
})

describe('a request that is wrong', () => {
  test.each([
    ['/v1/versions?limit=0', 400, 'request.invalid'],
    ['/v1/versions?limit=x', 400, 'request.invalid'],
    ['/v1/versions/0', 400, 'request.invalid'],
    ['/v1/versions/999999', 404, 'version.unknown'],
    ['/v1/versions/1/diff/999999', 404, 'version.unknown'],
    ['/v1/anomalies?limit=1001', 400, 'request.invalid'],
    ['/v1/drifts?kind=nonsense', 400, 'request.invalid'],
    ['/v1/history?seconds=1e9', 400, 'request.invalid'],
    ['/v1/nothing', 404, 'request.unknown'],
  ])('%s is answered with %d', async (path, status, code) => {
    const answer = await world.get(path)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(await answer.json()).toMatchObject({ status, code })
  })
})

describe('a command', () => {
  const give = (body: object) => world.post('/v1/commands', body)

  test('is done when it is answered, and says which version it made', async () => {
    const answer = await give({ kind: 'freeze', reason: 'a test', by: 'anna' })
    expect(answer.status).toBe(200)
    const { deeds } = (await answer.json()) as Answer
    expect(deeds).toMatchObject([{ kind: 'freeze', by: 'anna', reason: 'a test', refused: '' }])
    expect(await json('/v1/model')).toMatchObject({ frozen: { sinceVersion: deeds[0].version, byPolicy: false } })
    expect((await give({ kind: 'resume', reason: 'the test is over' })).status).toBe(200)
  })

  test('leads back to an older version, from which the next ones go on', async () => {
    const { version } = await json('/v1/model')
    const answer = await give({ kind: 'rollback', to: 1, reason: 'back to the birth' })
    expect(answer.status).toBe(200)
    const model = await json('/v1/model')
    expect(model.version).toBeGreaterThan(version)
    expect(model.undone.at(-1)).toMatchObject({ from: 1 })
  })

  test('that makes no sense is refused, and nothing is done', async () => {
    const { version } = await json('/v1/model')
    const answer = await give({ kind: 'resume', reason: 'nothing stands still' })
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code: 'model.refuses' })
    expect((await json('/v1/model')).version).toBe(version)
  })

  test.each([
    [{ kind: 'freeze' }],
    [{ kind: 'freeze', reason: '' }],
    [{ kind: 'freeze', reason: 'x', more: 1 }],
    [{ kind: 'explode', reason: 'x' }],
    [{ kind: 'budget', reason: 'x', budget: 0 }],
    [{ kind: 'unpin', reason: 'x' }],
    [{ kind: 'rollback', reason: 'x', to: 1.5 }],
    [[]],
    ['freeze'],
  ])('%j is none', async (body) => {
    const answer = await give(body as object)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'request.invalid' })
  })
})

test('what happens is told as it happens', async () => {
  const stop = new AbortController()
  const answer = await fetch(`${world.server.url}/v1/events`, { signal: stop.signal })
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  let text = ''
  const reading = (async () => {
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) text += chunk
  })().catch(() => undefined)
  await until(
    () => text.includes('event: status\n'),
    () => text.slice(0, 500),
  )
  await world.feed(600)
  await until(
    () => text.includes('event: version\n') && text.includes('event: anomaly\n'),
    () => text.slice(0, 500),
  )
  stop.abort()
  await reading
  for (const block of text.split('\n\n').filter((each) => each.startsWith('event: '))) {
    const [, data] = block.split('\ndata: ')
    expect(typeof JSON.parse(data)).toBe('object')
  }
})
