/** A first model from history: published once, and what a service makes of it. */
import { describe, expect, it } from 'vitest'
import { decodeModel } from '../../src/core/codec/model-codec.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import type { Model } from '../../src/core/model/model.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { eachRecord, recordAt, until } from '../pipeline/harness.ts'
import { type CommandLine, commandLine } from './command-line.ts'
import { input, serve } from './service-beside.ts'

const yaml = `
input: { format: json, time: null }
features: [{ field: x, missing: reject }, { field: y, transform: auto }]
clusters: { k: 3 }
bootstrap: { minEvents: 300 }
models: { publishEveryMs: 20 }
`

function rowsOf(n: number, seed = 1): readonly (readonly [number, number])[] {
  const random = new Random(seed)
  return Array.from({ length: n }, () => [20 * random.below(3) + random.gaussian(), Math.exp(2 * random.gaussian())])
}

const csvOf = (n: number) => ['x,y,label', ...rowsOf(n).map(([x, y]) => `${x},${y},0`), ''].join('\n')

async function modelsOf({ log, configuration }: CommandLine): Promise<readonly Model[]> {
  const found: Model[] = []
  await eachRecord(log, configuration.topics.models, (batch, i) => {
    const bytes = recordAt(batch, i).value
    const decoded = decodeModel(Uint8Array.from(bytes!.subarray(wireHeaderBytes)), configuration.fingerprint)
    if ('refused' in decoded) throw new Error(decoded.detail)
    found.push(decoded.value)
  })
  return found
}

describe('a model trained on a file', () => {
  it('has learned every valid row, and is published as the first of its name', async () => {
    const line = commandLine(yaml)
    await input(line, rowsOf(10), 2)
    const csv = line.file('history.csv', `${csvOf(2000)}many,1,0\n`)
    const { stdout, error, code } = await line.shoal(['train', csv, '--ignore', 'label', '--json'])
    expect([error, code]).toEqual(['', 0])
    expect(JSON.parse(stdout)).toMatchObject({ events: 2001, invalid: { wrong_type: 1 }, bornFrom: 300, clusters: 3 })
    expect(JSON.parse(stdout).transforms).toEqual({ y: 'log' })
    const models = await modelsOf(line)
    expect(models).toHaveLength(1)
    expect(models[0]).toMatchObject({ trainedEvents: 2000, nextUpdateOffset: 0, bornFrom: [], k: 3 })
    expect(models[0].bornAtMs).toBeGreaterThan(1e12)
    expect(models[0].learnedUpTo.size).toBe(0)
  })

  it('is shown with what its features are like', async () => {
    const line = commandLine(yaml)
    await input(line, rowsOf(10), 2)
    const { stdout } = await line.shoal(['train', line.file('h.csv', csvOf(1500)), '--ignore', 'label'])
    expect(stdout).toMatch(/1,500 events, the model was born from 300 and has learned the others/)
    expect(stdout).toMatch(/3 clusters in 2 columns, published as version \d+ of shoal/)
    expect(stdout).toMatch(/simplified silhouette 0\.\d{3}, Davies-Bouldin/)
    expect(stdout).toMatch(/\nx +0 % +0 %( +-?[\d.]+){5}\n/)
  })

  it('is refused where there is one, which stays as it is', async () => {
    const line = commandLine(yaml)
    await input(line, rowsOf(10), 2)
    const csv = line.file('h.csv', csvOf(1000))
    await line.shoal(['train', csv, '--ignore', 'label'])
    const before = await modelsOf(line)
    const { code, error } = await line.shoal(['train', csv, '--ignore', 'label', '--set', 'clusters.seed=9'])
    expect(error).toContain('shoal must have no model yet: topic shoal.models holds one')
    expect(code).toBe(1)
    expect(await modelsOf(line)).toEqual(before)
  })

  it('is refused while another process trains that name, and nothing is written', async () => {
    const line = commandLine(yaml)
    await input(line, rowsOf(10), 2)
    // Too few events for a birth: the service holds the partition of updates and waits.
    const service = serve(line)
    await until(
      async () => (await line.log.describe('shoal.models')) !== null,
      () => 'topics',
    )
    await until(
      () => service.telemetry.lines.some(({ message }) => message.includes('waiting for a model')),
      () => 'a service that waits for events',
    )
    const { code, error } = await line.shoal([
      'train',
      line.file('h.csv', csvOf(600)),
      '--ignore',
      'label',
      '--wait',
      '300ms',
    ])
    expect(error).toContain('no other process must train shoal: one still does after 300 ms')
    expect(code).toBe(1)
    expect(await modelsOf(line)).toEqual([])
  })

  it('is what a service starts with: it scores from the first event on, and learns on top of it', async () => {
    const line = commandLine(yaml)
    await input(line, rowsOf(200), 2)
    await line.shoal(['train', line.file('h.csv', csvOf(1500)), '--ignore', 'label'])
    const [first] = await modelsOf(line)
    const service = serve(line)
    await until(
      () => (service.follower.current()?.scorer.model.trainedEvents ?? 0) === 1700,
      () => 'a version that has learned all events',
    )
    const [kept, ...later] = await modelsOf(line)
    expect(kept).toEqual(first)
    expect(later.every(({ bornAtMs }) => bornAtMs === first.bornAtMs)).toBe(true)
    expect(later.at(-1)?.version).toBeGreaterThan(first.version)
  })
})

describe('a model trained on the past of the input', () => {
  it('is not taught the same events again by the service that scores them', async () => {
    const line = commandLine(yaml)
    await input(line, rowsOf(1200), 2)
    const { error } = await line.shoal(['train', '--topic', 'transactions'])
    expect(error).toBe('')
    const [first] = await modelsOf(line)
    expect(first.trainedEvents).toBe(1200)
    expect(first.bornFrom).toEqual([
      { partition: 0, from: 0, to: 600 },
      { partition: 1, from: 0, to: 600 },
    ])
    const service = serve(line)
    let assigned = 0
    const allAssigned = async () => {
      assigned = 0
      await eachRecord(line.log, 'shoal.assignments', () => assigned++)
      return assigned === 1200
    }
    await until(allAssigned, () => `1,200 assignments: there are ${assigned}`)
    await until(
      () => (service.follower.current()?.scorer.model.version ?? 0) > first.version,
      () => 'another version',
    )
    expect(service.follower.current()?.scorer.model.trainedEvents).toBe(1200)
  })

  it('covers the offsets of the times that were asked for, and no others', async () => {
    const line = commandLine(yaml)
    await input(line, rowsOf(1200), 2)
    const since = new Date(1_000_000 + 400).toISOString()
    const until = new Date(1_000_000 + 1000).toISOString()
    await line.shoal(['train', '--topic', 'transactions', '--since', since, '--until', until])
    const [model] = await modelsOf(line)
    expect(model.trainedEvents).toBe(600)
    expect(model.bornFrom).toEqual([
      { partition: 0, from: 200, to: 500 },
      { partition: 1, from: 200, to: 500 },
    ])
  })
})

it.each<[string, (line: CommandLine) => string[], string]>([
  ['neither file nor topic', () => [], 'train must be given a CSV file, or --topic: got neither'],
  ['both', (line) => [line.file('f.csv', csvOf(3)), '--topic', 't'], '--topic must be used without a file'],
  [
    'what it would leave out of a topic',
    () => ['--topic', 't', '--ignore', 'a'],
    '--ignore must be used with a file: got a',
  ],
  ['too few events', (line) => [line.file('f.csv', csvOf(3)), '--ignore', 'label'], 'at least 6 valid events: got 3'],
])('train refuses %s', async (_, args, message) => {
  const line = commandLine(yaml)
  const { code, error } = await line.shoal(['train', ...args(line)])
  expect(error).toContain(message)
  expect(code).toBe(2)
})
