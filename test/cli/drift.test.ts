/** `shoal drift` on what the fold has found in a stream, told and published as the trainer does. */
import { describe, expect, it } from 'vitest'
import type { DriftFinding } from '../../src/core/drift/finding.ts'
import type { Model } from '../../src/core/model/model.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import type { OpenDrift, Watch } from '../../src/runtime/views/drift/present.ts'
import type { DriftReport } from '../../src/runtime/views/drift/report.ts'
import { appendFindings } from '../../src/stages/drift-records.ts'
import { appendChanges } from '../../src/stages/lifecycle.ts'
import { publishModel } from '../../src/stages/train.ts'
import { type Change, DriftStream } from '../core/drift/drift-stream.ts'
import { type CommandLine, commandLine, schemaText } from './command-line.ts'

const fields = Array.from({ length: 8 }, (_, f) => `{ field: x${f}, transform: none }`)
const yaml = `
name: cards
input: { format: json, time: null }
features: [${fields.join(', ')}]
`
const minuteMs = 60_000
const startMs = Date.UTC(2026, 0, 31, 2)

/** A stream whose model is the command line's, told as it is observed: a minute for a thousand events. */
async function observed(
  changes: readonly (readonly [events: number, change: Change])[],
  {
    publishes = true,
    keeps = () => true,
    orders = {},
  }: {
    readonly publishes?: boolean
    readonly keeps?: (finding: DriftFinding) => boolean
    readonly orders?: Partial<Model['control']>
  } = {},
): Promise<CommandLine & { readonly model: Model }> {
  const line = commandLine(yaml)
  const { log, registry, configuration } = line
  const { topics, plan, fingerprint, name } = serviceSettings(configuration)
  const schemaId = await registry.register(`${topics.driftEvents}-value`, schemaText('drift-event'))
  const ours = { partitions: 1, owner: 'shoal' } as const
  await log.prepare(
    [
      { ...ours, topic: topics.driftEvents, cleanup: 'delete' },
      { ...ours, topic: topics.models, cleanup: 'compact' },
    ],
    true,
  )
  const first = new DriftStream(2)
  const stream = new DriftStream(2, { ...first.model, fingerprint })
  const { model } = stream
  for (const [events, change] of changes) {
    for (let done = 0; done < events; done += 1000) {
      const before = stream.findings.length
      stream.observe(1000, change, 1000, minuteMs / 1000)
      const atMs = startMs + (stream.events / 1000) * minuteMs
      const found = stream.findings.slice(before).filter(keeps)
      const topic = { topic: topics.driftEvents, schemaId, name }
      if (found.length > 0) await log.publish((outputs) => appendFindings(outputs, topic, plan, model, found, atMs))
      if (stream.events === 5000) {
        const split = { version: 6, kind: 'split', id: 11, weight: 90, relatives: [{ id: 3, weight: 400 }] } as const
        await log.publish((outputs) => appendChanges(outputs, topic, model, [split], atMs))
      }
    }
  }
  const atMs = startMs + (stream.events / 1000) * minuteMs
  Object.assign(model.control, orders)
  if (publishes) await log.publish((outputs) => publishModel(outputs, topics.models, 1, model, atMs))
  return { ...line, model }
}

const cleared = [
  [20_000, {}],
  [3000, { shift: { 5: 1.5 } }],
  [20_000, {}],
] as const
const open = [...cleared, [3000, { shift: { 1: 3, 2: 2, 6: -1 }, missing: 0.2 }]] as const

async function json(line: CommandLine, ...args: readonly string[]): Promise<DriftReport> {
  const { stdout, error } = await line.shoal(['drift', '--json', ...args])
  expect(error).toBe('')
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  return JSON.parse(stdout)
}

const kindsOf = ({ events }: DriftReport) => events.map(({ kind }) => kind)

describe('while a drift is open', () => {
  it('--json holds it as it was told, with what is now, beside all that was told before', async () => {
    const line = await observed(open)
    const report = await json(line)
    const { bornAtMs, version } = line.model
    expect(report).toMatchObject({ name: 'cards', input: 'transactions', told: 4 })
    expect(report.model).toEqual({ version, publishedAt: startMs + 46 * minuteMs, trainedEvents: 1000 })
    expect(kindsOf(report)).toEqual(['cluster.split', 'drift.featureOnly', 'drift.cleared', 'drift.sudden'])
    expect(report.counts).toEqual({
      ...{ 'cluster.split': 1, 'drift.featureOnly': 1, 'drift.cleared': 1, 'drift.sudden': 1 },
    })
    const [drift, ...none] = report.open
    expect(none).toEqual([])
    const { openWindows, returned, settled, distributions, ...told } = drift as OpenDrift
    expect(told).toEqual(report.events[3])
    expect(told).toMatchObject({ id: `${bornAtMs}-drift-2`, severity: 'critical', detectedAt: startMs + 44 * minuteMs })
    expect([openWindows, returned, settled]).toEqual([2, 0, 2])
    const [{ feature, edges, before, after }] = distributions
    expect(feature).toBe('x1')
    expect(edges).toHaveLength(before.length - 1)
    for (const shares of [before, after]) expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 9)
    // Two deviations and more above what was: hardly anything is left below the middle.
    expect(after.slice(0, before.length / 2).reduce((a, b) => a + b)).toBeLessThan(0.05)
    expect(before.slice(0, before.length / 2).reduce((a, b) => a + b)).toBeGreaterThan(0.4)
    const watch = report.watch as Watch
    expect(watch).toMatchObject({ windowEvents: 1000, inWindow: 0, closedWindows: 46, knownHours: 0 })
    expect(watch.features[0].feature).toBe('x1')
    const ofFeatures = watch.detectors.find(({ detector }) => detector === 'features')
    expect(ofFeatures?.statistic).toBe(watch.features[0].distance)
    expect(ofFeatures?.threshold).toBe(0.2)
  })

  it('a person reads what has changed, since when, where, how sure it is, what Shoal did and what to do', async () => {
    const { stdout } = await (await observed(open)).shoal(['drift'])
    expect(stdout).toMatch(/^cards: version 47 of 2026-01-31 02:46:00Z \(\d+ d ago\), 1,000 events learned\n\n/)
    expect(stdout).toMatch(/^CRITICAL: drift\.sudden in stream$/m)
    expect(stdout).toMatch(
      /^ {2}what {6}the events have changed at once: most in x1, whose median went from \S+ to \S+\.$/m,
    )
    expect(stdout).toMatch(
      /^ {2}since {5}2026-01-31 02:44:00Z \(\d+ d ago\), version 45, beside what was from version 1 on$/m,
    )
    expect(stdout).toMatch(
      /^ {2}where {5}1,000 events of .+, in transactions\n {12}partition 0: offsets 43,000 to 43,999$/m,
    )
    expect(stdout).toMatch(/^ {2}sure {6}features 0\.8\d+ over 0\.2, 4\.\d+ times$/m)
    expect(stdout).toMatch(
      /by chance with a probability of at most 1e-300; one false alarm in 10,000,000 events at most$/m,
    )
    expect(stdout).toMatch(/^ {2}features {2}x1: █+\S? 0\.8\d+, \S+ → [23](\.\d+)?, never seen /m)
    expect(stdout).toMatch(/^ {12}x0: █+\S? 0\.\d+, .+, missing 0 % → \d+ %/m)
    expect(stdout).toMatch(/^ {2}x1 {8}before [▁-█·]{30,}\n {12}now {4}[▁-█·]{30,}█$/m)
    expect(stdout).toMatch(/^ {2}Shoal {5}has told it, and goes on learning\n {12}by itself: over when 4 windows/m)
    expect(stdout).toMatch(/^ {2}next {6}Ask what has changed at the source since then/m)
    expect(stdout).toMatch(/^ {2}features +0\.8\d+ {2}of 0\.2 +█{16}$/m)
  })

  it('--open leaves out what is over', async () => {
    expect(kindsOf(await json(await observed(open), '--open'))).toEqual(['drift.sudden'])
  })

  it('is known to be open though its record is gone from the topic', async () => {
    const line = await observed(open, { keeps: ({ number }) => number === 1 })
    const report = await json(line)
    expect(kindsOf(report)).toEqual(['cluster.split', 'drift.featureOnly', 'drift.cleared'])
    expect(report.open).toMatchObject([{ kind: 'drift.sudden', detectedAt: null, currentVersion: 45, openWindows: 2 }])
    expect((await line.shoal(['drift'])).stdout).toMatch(/^ {2}since {5}its record is gone, version 45, /m)
  })
})

describe('when nothing is open', () => {
  it('says so, and shows what was told, newest first, on a line of time', async () => {
    const { stdout } = await (await observed(cleared)).shoal(['drift'])
    expect(stdout).toMatch(/^No drift is open\.$/m)
    expect(stdout).toMatch(/^quality of version 1, after 1,000 events, by a sample of 1,000:$/m)
    expect(stdout).toMatch(
      /^3 events were told\.\n +2026-01-31 02:05:00Z +2026-01-31 02:27:00Z\ndrift\.cleared +·{47}█ {2}1\n/m,
    )
    const rows = stdout.split('\n').filter((row) => /^2026/.test(row))
    expect(rows.map((row) => row.split(/ {2,}/)[1])).toEqual(['drift.cleared', 'drift.featureOnly', 'cluster.split'])
  })

  it('--open has no events', async () => {
    expect(await json(await observed(cleared), '--open')).toMatchObject({ open: [], events: [], told: 0 })
  })

  it.each([
    [
      ['--kind', 'drift'],
      ['drift.featureOnly', 'drift.cleared'],
    ],
    [['--kind', 'cluster'], ['cluster.split']],
    [
      ['--kind', 'split', '--kind', 'drift.cleared'],
      ['cluster.split', 'drift.cleared'],
    ],
    [
      ['--since', '2026-01-31T02:21:00Z'],
      ['drift.featureOnly', 'drift.cleared'],
    ],
    [['--limit', '1'], ['drift.cleared']],
  ])('%j shows %j', async (args, kinds) => {
    expect(kindsOf(await json(await observed(cleared), ...args))).toEqual(kinds)
  })

  it('counts what --limit leaves out', async () => {
    const report = await json(await observed(cleared), '--limit', '1')
    expect([report.told, report.counts['cluster.split']]).toEqual([3, 1])
  })
})

it('--follow shows what is told after that, until it is interrupted', async () => {
  const { log, configuration, registry, model, shoal } = await observed(cleared)
  const { topics, plan, name } = serviceSettings(configuration)
  const schemaId = await registry.register(`${topics.driftEvents}-value`, schemaText('drift-event'))
  const [finding] = model.drift.findings
  const next = () =>
    log.publish((outputs) => {
      const topic = { topic: topics.driftEvents, schemaId, name }
      appendFindings(outputs, topic, plan, model, [{ ...finding, number: 7 }], startMs)
    })
  const stop = new AbortController()
  const args = ['drift', '--follow', '--json', '--kind', 'drift', '--limit', '1']
  const { code, stdout } = await shoal(args, stop.signal, (written) => {
    const lines = written.split('\n').length - 1
    if (lines === 1) void next()
    if (lines === 2) stop.abort()
  })
  expect(code).toBe(0)
  const [report, event] = stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text))
  expect(kindsOf(report)).toEqual(['drift.cleared'])
  expect(event).toMatchObject({ id: `${model.bornAtMs}-drift-7`, kind: 'drift.featureOnly', scope: 'feature x5' })
})

it('what commands have left is said first: learning that stands still, and what waits for an answer', async () => {
  const line = await observed(cleared, {
    orders: {
      frozen: { sinceVersion: 40, byPolicy: true, driftNumber: 1 },
      asked: [{ driftNumber: 1, kind: 'rollback', targetVersion: 1234 }],
    },
  })
  const driftId = `${line.model.bornAtMs}-drift-1`
  const { stdout } = await line.shoal(['drift'])
  expect(stdout.split('\n').slice(1, 3)).toEqual([
    'LEARNING STANDS STILL since version 40: shoal model resume lets it go on.',
    `WAITS FOR YOUR ANSWER: rollback to version 1,234. shoal drift approve ${driftId}, or reject`,
  ])
  expect((await json(line)).orders).toEqual({
    frozenSince: 40,
    asked: [{ driftId, kind: 'rollback', targetVersion: 1234 }],
  })
})

it('without a model it shows what was told, and says that there is none', async () => {
  const line = await observed(cleared, { publishes: false })
  const { stdout, code } = await line.shoal(['drift'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^cards: cards\.models holds no model of this configuration\n/)
  expect(await json(line)).toMatchObject({ model: null, watch: null, open: [], told: 3 })
})

it('before the service has made its topics it says which is missing', async () => {
  const { code, error } = await commandLine(yaml).shoal(['drift'])
  expect(code).toBe(1)
  expect(error).toContain('topic cards.drift-events must exist')
})

it('a kind that is none is refused with those that are', async () => {
  const { code, stderr } = await commandLine(yaml).shoal(['drift', '--kind', 'suden'])
  expect(code).toBe(2)
  expect(stderr).toContain('drift.sudden')
})
