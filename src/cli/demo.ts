/** `shoal demo`: the whole pipeline in this process, on the embedded log, fed by the generator. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Model } from '../core/model/model.ts'
import { movement } from '../core/model/movement.ts'
import { type FraudKind, fraudKinds } from '../generator/frauds.ts'
import { systemClock } from '../runtime/clock.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { EventLog, SchemaRegistry, SnapshotStore } from '../runtime/ports.ts'
import type { Service, ServiceSettings } from '../runtime/service.ts'
import { valueAt } from '../stages/records.ts'
import type { ScoreFacts } from '../stages/score.ts'
import { readOn } from './committed.ts'
import { type DemoFeed, type DemoFeedOptions, emptyFeed, runFeed } from './demo-feed.ts'
import { readEventTime, writeEventTime } from './demo-progress.ts'
import { type DemoFigures, demoHead, demoLine, demoSummary, type ShownAnomaly } from './demo-report.ts'
import { durationMs, positiveNumber, wholeNumber } from './options.ts'
import { writeLine } from './output.ts'

/** The embedded world, as the composition root builds it. */
export interface DemoWorld {
  readonly log: EventLog
  readonly registry: SchemaRegistry
  readonly snapshots: SnapshotStore
  readonly settings: ServiceSettings
  readonly transactionSchema: string
  /** The version that the log was begun with, from the folder's snapshot; null: none. */
  readonly carriedOver: number | null
  readonly readAnomalies: (values: readonly Uint8Array[]) => Promise<readonly ShownAnomaly[]>
  /** `port`: null for no console; any: the usual one, or the next that is free. */
  start(onCommitted: (facts: ScoreFacts) => void, port: number | 'any' | null): Promise<DemoRun>
}

export interface DemoRun {
  readonly service: Service
  /** Where the console is; null: nowhere. */
  readonly url: string | null
  stop(): Promise<void>
}

export interface DemoContext {
  readonly stdout: NodeJS.WritableStream
  readonly signal: AbortSignal
  /** Builds the world with the input topic in it, its snapshots in `folder`. */
  openDemo(folder: string, partitions: number): Promise<DemoWorld>
}

interface DemoOptions {
  readonly for?: number
  readonly rate: number
  readonly folder: string
  readonly json: boolean
  readonly http: boolean
  readonly port?: number
}

const partitions = 4
const seed = 7
const longestStandstillMs = 5_000
const gradual = { from: 150_000, to: 300_000 }
const sudden = { at: 450_000 }

const examples = `
Examples:
  # until Ctrl-C; the next start goes on from the snapshot
  shoal demo

  # twenty seconds and a summary, as a script would run it
  shoal demo --for 20s --json

The first line says where the console is, a page that shows all of it live.

Nothing is installed or contacted: the log lives in this process, the snapshots in the folder. Behaviour shifts
gradually from event ${gradual.from.toLocaleString('en-US')} to ${gradual.to.toLocaleString('en-US')} and suddenly at ${sudden.at.toLocaleString('en-US')}.`

/** Adds the command. */
export function addDemo(program: Command, context: DemoContext): void {
  program
    .command('demo')
    .description('run the whole pipeline here, without any server, on generated card transactions')
    .option('--for <duration>', 'end after so long (20s, 5m) with a summary', durationMs)
    .option('--rate <n>', 'events per second', positiveNumber(1e6), 20_000)
    .option('--folder <path>', 'where snapshots are kept', join('.shoal', 'demo'))
    .option(
      '--port <n>',
      'of the console, on 127.0.0.1 (default: 9404, or the next that is free)',
      wholeNumber(1, 65_535),
    )
    .option('--no-http', 'without the console')
    .option('--json', 'print a JSON object a second, and the summary as the last', false)
    .addHelpText('after', examples)
    .action((options: DemoOptions) => demo(context, options))
}

/** What the live view is made of. */
interface DemoState {
  readonly startedMs: number
  readonly feed: DemoFeed
  readonly found: Map<FraudKind, number>
  scored: number
  deadLetters: number
  anomalies: number
  /** Of the anomalies, those that have been read back. */
  shown: number
  snapshotVersion: number | null
  first: Model | null
  lastAnomaly: ShownAnomaly | null
}

async function demo(context: DemoContext, options: DemoOptions): Promise<void> {
  const { stdout } = context
  mkdirSync(options.folder, { recursive: true })
  const world = await context.openDemo(options.folder, partitions)
  const deadline =
    options.for === undefined ? context.signal : AbortSignal.any([context.signal, AbortSignal.timeout(options.for)])
  const state: DemoState = {
    startedMs: systemClock.now(),
    feed: emptyFeed(readEventTime(options.folder)),
    found: new Map(),
    scored: 0,
    deadLetters: 0,
    anomalies: 0,
    shown: 0,
    snapshotVersion: world.carriedOver,
    first: null,
    lastAnomaly: null,
  }
  const run = await world.start(
    (facts) => {
      state.scored += facts.valid
      state.anomalies += facts.anomalies
      for (const count of facts.invalid.values()) state.deadLetters += count
    },
    options.http ? (options.port ?? 'any') : null,
  )
  const { service } = run
  if (!options.json) await writeLine(stdout, opening(world, run, options))
  const over = new AbortController()
  const feed = runFeed(feedOptions(world, options, state), state.feed, AbortSignal.any([deadline, over.signal]))
  const watching = [watchAnomalies(world, state, over.signal), watch(context, options, world, run, state, over.signal)]
  try {
    // Watchers end before the feed only by failing.
    await Promise.race([feed.then(() => drained(world, service, state)), Promise.all(watching)])
  } finally {
    over.abort()
    await Promise.allSettled([feed, ...watching])
    await run.stop()
  }
  state.snapshotVersion = await savedVersion(world)
  writeEventTime(options.folder, state.feed.eventMs)
  const figures = figuresOf(run, state, state.scored / elapsedS(state))
  const shifts = shiftLine(state.feed.produced)
  const text = options.json ? JSON.stringify(figures) : demoSummary(figures, state.lastAnomaly, shifts, options.folder)
  await writeLine(stdout, text)
}

/** What was produced gets its outcome before the end, so that the summary adds up; but a pipeline that stands still ends it. */
async function drained({ settings }: DemoWorld, service: Service, state: DemoState): Promise<void> {
  let done = -1
  let movedMs = systemClock.now()
  const isAwaited = () => service.follower.current() !== null || state.feed.produced >= settings.birthEvents
  while (isAwaited() && systemClock.now() - movedMs < longestStandstillMs) {
    if (state.scored + state.deadLetters >= state.feed.produced && state.shown >= state.anomalies) return
    if (state.scored + state.shown !== done) {
      done = state.scored + state.shown
      movedMs = systemClock.now()
    }
    await systemClock.sleep(10)
  }
}

function feedOptions(world: DemoWorld, { rate }: DemoOptions, state: DemoState): DemoFeedOptions {
  return {
    log: world.log,
    registry: world.registry,
    clock: systemClock,
    topic: world.settings.topics.input,
    partitions,
    schema: world.transactionSchema,
    seed,
    rate,
    startMs: state.feed.eventMs,
    shifts: { gradual, sudden },
    behind: (produced) => produced - state.scored - state.deadLetters,
  }
}

function opening({ settings, carriedOver }: DemoWorld, { url }: DemoRun, { rate }: DemoOptions): string {
  const from =
    carriedOver === null
      ? `A model will be born from the first ${settings.birthEvents.toLocaleString('en-US')} valid events.`
      : `Going on from version ${carriedOver} of the last start.`
  return [
    ...(url === null ? [] : [`Console: ${url}/`]),
    `Shoal on the embedded log: ${rate.toLocaleString('en-US')} card transactions a second over ${partitions} partitions, k = ${settings.k}, budget ${100 * settings.budget} %.`,
    `${from} Ctrl-C ends it. (* how far the clusters have moved since, in spreads)`,
    '',
    demoHead,
  ].join('\n')
}

/** Prints a line a second. */
async function watch(
  { stdout }: DemoContext,
  { json }: DemoOptions,
  world: DemoWorld,
  run: DemoRun,
  state: DemoState,
  signal: AbortSignal,
): Promise<void> {
  let before = 0
  while (!signal.aborted) {
    await systemClock.sleep(1000, signal)
    if (signal.aborted) return
    state.snapshotVersion = await savedVersion(world)
    const figures = figuresOf(run, state, state.scored - before)
    before = state.scored
    await writeLine(stdout, json ? JSON.stringify(figures) : demoLine(figures))
  }
}

function figuresOf({ service, url }: DemoRun, state: DemoState, eventsPerSecond: number): DemoFigures {
  const model = service.follower.current()?.scorer.model ?? null
  state.first ??= model
  return {
    seconds: elapsedS(state),
    eventsPerSecond,
    produced: state.feed.produced,
    scored: state.scored,
    deadLetters: state.deadLetters,
    invalidPlanted: state.feed.invalid,
    anomalies: state.anomalies,
    frauds: fraudKinds
      .map((kind) => ({ kind, planted: state.feed.planted.get(kind) ?? 0, found: state.found.get(kind) ?? 0 }))
      .filter(({ planted }) => planted > 0),
    version: model?.version ?? null,
    clusters: model?.k ?? 0,
    moved: model === null || state.first === null ? 0 : movement(state.first, model),
    snapshotVersion: state.snapshotVersion,
    state: service.health.line(),
    console: url,
  }
}

/** Counts the planted frauds among the committed anomalies. */
async function watchAnomalies(world: DemoWorld, state: DemoState, signal: AbortSignal): Promise<void> {
  const { log, settings } = world
  const topic = settings.topics.anomalies
  while (!signal.aborted && (await log.describe(topic)) === null) await systemClock.sleep(50, signal)
  const beginning = new Map(Array.from({ length: partitions }, (_, partition) => [partition, 0]))
  for await (const { batch, count } of readOn(log, topic, beginning, signal)) {
    const values: Uint8Array[] = []
    for (let i = 0; i < count; i++) values.push(valueAt(batch, i) ?? Buffer.alloc(0))
    for (const anomaly of await world.readAnomalies(values)) {
      state.shown++
      state.lastAnomaly = anomaly
      const kind = state.feed.frauds.get(anomaly.eventId)
      if (kind !== undefined) state.found.set(kind, (state.found.get(kind) ?? 0) + 1)
    }
  }
}

/** One that cannot be read is as good as none: the next version replaces it. */
async function savedVersion({ snapshots, settings }: DemoWorld): Promise<number | null> {
  try {
    return (await snapshots.latest(settings.name))?.version ?? null
  } catch (error) {
    if (!(error instanceof ShoalError)) throw error
    return null
  }
}

function shiftLine(produced: number): string {
  if (produced < gradual.from)
    return `Behaviour had not yet shifted: it does so from event ${gradual.from.toLocaleString('en-US')} on.`
  if (produced < sudden.at) return 'Behaviour shifted gradually; the clusters followed, as they learn from every event.'
  return 'Behaviour shifted gradually, then suddenly; the clusters followed.'
}

function elapsedS({ startedMs }: DemoState): number {
  return Math.max(0.001, (systemClock.now() - startedMs) / 1000)
}
