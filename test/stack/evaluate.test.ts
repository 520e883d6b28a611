/** `shoal evaluate` on what the pipeline has made of a labelled CSV file, against a judgement that shares no code with it. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Random } from '../../src/core/kmeans/random.ts'
import { until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { serversYaml } from './servers-yaml.ts'
import { type ShoalProcess, shoal, startShoal } from './shoal-process.ts'

interface Row {
  readonly x: number
  readonly y: number
  readonly label: 0 | 1
}

const budget = 0.02
/** Rows of one batch of k = 1, of which the first is not judged. */
const batchRows = 1000

/** Three groups, and in one of fifty places a row that belongs to none. */
function labelledRows(n: number): Row[] {
  const random = new Random(7)
  return Array.from({ length: n }, (): Row => {
    if (random.below(50) === 0) return { x: 30 * random.gaussian(), y: 30 * random.gaussian(), label: 1 }
    const group = random.below(3)
    return { x: 10 * group + random.gaussian(), y: 10 * (group % 2) + random.gaussian(), label: 0 }
  })
}

describeWith(['kafka', 'registry', 'redis'], 'a labelled CSV file through produce, run and evaluate', (addresses) => {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-evaluate-'))
  const config = join(folder, 'shoal.yaml')
  const file = join(folder, 'labelled.csv')
  const rows = labelledRows(4000)
  let process: ShoalProcess | undefined
  let scores: number[] = []

  beforeAll(async () => {
    const name = `evaluate-${randomUUID().slice(0, 8)}`
    writeFileSync(
      config,
      `name: ${name}
input: { topic: ${name}-rows, format: json, time: null }
features:
  - { field: x, missing: reject }
  - { field: y, missing: reject }
clusters: { k: 4 }
anomalies: { budget: ${budget} }
${serversYaml(addresses)}`,
    )
    const lines = rows.map(({ x, y, label }, i) => `${i % 7},${x},${y},${label}`)
    writeFileSync(file, ['meta_day,x,y,label', ...lines, ''].join('\n'))
    const what = ['--ignore', 'label', '--ignore', 'meta_*', '--partitions', '1']
    await shoal('produce', file, '--config', config, ...what)
    const running = await startShoal(name, config)
    process = running
    await until(
      async () => (await running.metric('shoal_events_total').catch(() => 0)) === rows.length,
      () => `all events done. It has said: ${running.said()}`,
      60_000,
    )
    running.signal('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 0 })
    // A commit is acknowledged before its markers are written, and only then can readers see it.
    await until(
      async () => {
        scores = await scoresByRow(config, rows.length)
        return scores.every((score) => score >= 0)
      },
      () => `a score of every row: ${scores.filter((score) => !(score >= 0)).length} have none`,
    )
  })

  afterAll(() => {
    process?.signal('SIGKILL')
    rmSync(folder, { recursive: true })
  })

  test('every row has one assignment, under its number in the file', () => {
    expect(scores.filter((score) => score >= 0 && score <= 1).length).toBe(rows.length)
  })

  test('--json holds the measures of the assignments and of k = 1, equal to those of an independent judgement', async () => {
    const { stdout } = await shoal('evaluate', '--config', config, '--truth', file, '--label', 'label', '--json')
    const judged = rows.slice(batchRows)
    const ours = measuresOf(scores.slice(batchRows), judged)
    const theirs = measuresOf(distancesToRunningMean(rows).slice(batchRows), judged)
    const flagged = scores.slice(batchRows).flatMap((score, i) => (score >= 1 - budget ? [judged[i].label] : []))
    const hits = flagged.filter((label) => label === 1).length
    const positives = judged.filter(({ label }) => label === 1).length
    const share = { precision: expect.any(Number), recall: expect.any(Number), flagged: expect.any(Number) }
    expect(JSON.parse(stdout)).toEqual({
      matched: rows.length,
      missing: 0,
      duplicates: 0,
      ofInvalid: 0,
      unknown: 0,
      events: judged.length,
      positives,
      budget,
      assignments: {
        rocAuc: expect.closeTo(ours.rocAuc, 12),
        averagePrecision: expect.closeTo(ours.averagePrecision, 12),
        atBudget: { precision: hits / flagged.length, recall: hits / positives, flagged: flagged.length },
        top01Percent: { ...share, flagged: 3 },
        top1Percent: { ...share, flagged: 30 },
      },
      baseline: {
        rocAuc: expect.closeTo(theirs.rocAuc, 12),
        averagePrecision: expect.closeTo(theirs.averagePrecision, 12),
        atBudget: { ...share, flagged: 60 },
        top01Percent: { ...share, flagged: 3 },
        top1Percent: { ...share, flagged: 30 },
      },
      kinds: [],
    })
    // The groups are what k = 1 cannot see.
    expect(ours.averagePrecision).toBeGreaterThan(theirs.averagePrecision)
    expect(ours.rocAuc).toBeGreaterThan(0.9)
  })

  test('without --json a person reads the same, beside k = 1', async () => {
    const { stdout } = await shoal('evaluate', '--config', config, '--truth', file)
    const { rocAuc, averagePrecision } = measuresOf(scores.slice(batchRows), rows.slice(batchRows))
    expect(stdout).toMatch(/^ +assignments +k = 1$/m)
    expect(stdout).toMatch(new RegExp(`^ROC-AUC +${rocAuc.toFixed(4)} +0\\.\\d{4}$`, 'm'))
    expect(stdout).toMatch(new RegExp(`^average precision +${averagePrecision.toFixed(4)} +0\\.\\d{4}$`, 'm'))
    expect(stdout).toMatch(/^precision at the budget of 2 % +\d\.\d{4} +\d\.\d{4}$/m)
    expect(stdout).toMatch(/^recall at the budget of 2 % +\d\.\d{4} +\d\.\d{4}$/m)
  })
})

/** Scores of the committed assignments by row, read with `shoal consume`; NaN where there is none, or more than one. */
async function scoresByRow(config: string, rows: number): Promise<number[]> {
  const { stdout } = await shoal('consume', 'assignments', '--config', config, '--json')
  const scores = new Map<string, number>()
  for (const line of stdout.trimEnd().split('\n')) {
    const { eventId, score } = (JSON.parse(line) as { value: { eventId: string; score: number } }).value
    scores.set(eventId, scores.has(eventId) ? Number.NaN : score)
  }
  return Array.from({ length: rows }, (_, i) => scores.get(`row-${i}`) ?? Number.NaN)
}

/** By their definitions, comparing every pair: the share of pairs in order, and the mean precision at each positive. */
function measuresOf(scores: readonly number[], rows: readonly Row[]) {
  const of = (label: 0 | 1) => scores.filter((_, i) => rows[i].label === label)
  const [negatives, positives] = [of(0), of(1)]
  let ordered = 0
  let precisions = 0
  for (const score of positives) {
    for (const other of negatives) ordered += score > other ? 1 : score === other ? 0.5 : 0
    const atLeast = (all: readonly number[]) => all.filter((other) => other >= score).length
    precisions += atLeast(positives) / (atLeast(positives) + atLeast(negatives))
  }
  return {
    rocAuc: ordered / (positives.length * negatives.length),
    averagePrecision: precisions / positives.length,
  }
}

/** Distance of each row, in standard deviations, to the mean of all rows before its thousand; 0 in the first thousand. */
function distancesToRunningMean(rows: readonly Row[]): number[] {
  return rows.map(({ x, y }, i) => {
    const before = rows.slice(0, i - (i % batchRows))
    if (before.length === 0) return 0
    return (
      distance(
        x,
        before.map((row) => row.x),
      ) +
      distance(
        y,
        before.map((row) => row.y),
      )
    )
  })
}

function distance(value: number, values: readonly number[]): number {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  const variance = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length
  return Math.abs(value - mean) / Math.sqrt(variance)
}
