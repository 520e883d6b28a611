/**
 * Events through exactly the stages of production, in lockstep on the embedded log: every batch is scored by the version
 * that has learned all before it, then learned. No clock and no worker decides anything, so the same input gives the
 * same numbers.
 */

import { decodeModel, encodeModel } from '../../core/codec/model-codec.ts'
import type { Reaction } from '../../core/command/reactions.ts'
import type { Projection } from '../../core/fields/fields.ts'
import { finish } from '../../core/kmeans/steps.ts'
import { birth } from '../../core/model/birth.ts'
import type { Model } from '../../core/model/model.ts'
import { Profiles } from '../../core/profiles/profiles.ts'
import { freeze, type Scorer } from '../../core/score/scorer.ts'
import { batchesUpTo, valueAtOffset } from '../../runtime/batches.ts'
import { ShoalError } from '../../runtime/errors.ts'
import type { Clock, EventLog, SchemaRegistry, Telemetry } from '../../runtime/ports.ts'
import { commandFor } from '../../runtime/reacting.ts'
import { RollbackTargets } from '../../runtime/rollback-targets.ts'
import type { ServiceSettings } from '../../runtime/service.ts'
import { prepareTopics } from '../../runtime/topics.ts'
import { appendCommand } from '../../stages/command-records.ts'
import type { RecordBatch } from '../../stages/records.ts'
import { type AnomalyValue, chunkEvents, type ScoredChunk, type ScoreFacts, scoreStage } from '../../stages/score.ts'
import { foldBatch, publishVersion } from '../../stages/train.ts'
import { wireHeaderBytes } from '../../stages/wire-format.ts'
import { readUpTo } from '../committed.ts'
import { fedSample } from './fed-sample.ts'
import { type FedBatch, type FedPart, Feed } from './feed.ts'
import type { LabelledEvents } from './labelled-events.ts'

/** The embedded log and the codecs, as the composition root builds them. */
export interface BacktestWorld {
  readonly log: EventLog
  /** Of the events' own schemas; null: they name none. */
  readonly registry: SchemaRegistry | null
  readonly telemetry: Telemetry
  projection(): Projection
  encodeAnomaly(value: AnomalyValue): Uint8Array
}

/** Told of everything as it happens. */
export interface ReplayWatcher {
  /** The next batch is scored by this version. */
  version(scorer: Scorer): void
  /** `part` holds the chunk's events. */
  scored(chunk: ScoredChunk, part: FedPart): void
  anomaly(value: AnomalyValue): void
  /** All of a batch has been scored; it is learned next. */
  batchEnded(): void
}

/** Nobody is told of anything. */
export const unwatched: ReplayWatcher = { version() {}, scored() {}, anomaly() {}, batchEnded() {} }

export interface ReplayOptions {
  readonly settings: ServiceSettings
  readonly world: BacktestWorld
  readonly events: LabelledEvents
  readonly partitions: number
  readonly batch: number
  readonly watcher: ReplayWatcher
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress: (events: number, part: number) => void
  /** Goes on from here; unset: one is born from the first events. */
  readonly model?: Model
  /** Told of the updates of a batch, and of the model that has not learned them. */
  readonly onUpdates?: (model: Model, updates: RecordBatch) => void
  /** Unset: it does. */
  readonly learns?: boolean
}

export interface ReplayFacts {
  readonly events: number
  readonly clipped: number
  readonly invalid: Readonly<Record<string, number>>
  readonly model: Model
  /** Rows that the model was born from. */
  readonly bornFrom: number
  /** What the stages took, the watcher left out. */
  readonly scoreMs: number
  readonly trainMs: number
  /** What the watcher took. */
  readonly watchMs: number
}

const schemaIds = { assignment: 1, anomaly: 2, modelUpdate: 3, model: 4, modelCommand: 5 }

/** Replays all events. Throws when there are too few for a birth. */
export async function replay(options: ReplayOptions): Promise<ReplayFacts> {
  return new Replay(options).run()
}

class Replay {
  private readonly options: ReplayOptions
  private readonly feed: Feed
  private readonly projections: readonly Projection[]
  private readonly stages: readonly ReturnType<typeof scoreStage>[]
  /** By partition; null: no feature asks for one. */
  private readonly profiles: readonly Profiles[] | null
  private readonly invalid = new Map<string, number>()
  private clipped = 0
  private readonly targets: RollbackTargets
  private part: FedPart | null = null
  private updatesRead = 0
  private scoreMs = 0
  private trainMs = 0
  private watchMs = 0

  constructor(options: ReplayOptions) {
    const { settings, world, events, partitions, batch } = options
    this.options = options
    this.feed = new Feed({ log: world.log, topic: settings.topics.input, partitions, events, batch })
    this.targets = new RollbackTargets(world.log, settings.topics.models)
    // Each partition has a worker of its own, so that what they learn apart comes together in the train stage alone.
    this.projections = Array.from({ length: partitions }, () => world.projection())
    this.stages = this.projections.map((projection) => this.stage(projection))
    const { plan, profiles } = settings
    const kept = plan.profiles
    this.profiles = kept === null ? null : this.projections.map(() => new Profiles(kept, profiles))
  }

  async run(): Promise<ReplayFacts> {
    const { settings, world, partitions, events, signal, watcher, onProgress } = this.options
    const { topics, topicPolicy } = settings
    await world.log.prepare([{ topic: topics.input, partitions, cleanup: 'delete', owner: 'shoal' }], true)
    await prepareTopics(world.log, topics, topicPolicy)
    const { model, bornFrom } = await this.giveBirth()
    let scorer = await this.published(model)
    let done = 0
    for (let batch = await this.feed.take(); batch !== null && !signal.aborted; batch = await this.feed.take()) {
      watcher.version(scorer)
      for (const part of batch) await this.score(scorer, part)
      this.watch(() => watcher.batchEnded())
      await this.train(model)
      scorer = await this.published(model)
      done += eventsOf(batch)
      onProgress(done, events.part())
    }
    const { clipped, invalid, scoreMs, trainMs, watchMs } = this
    return { events: done, clipped, invalid: Object.fromEntries(invalid), model, bornFrom, scoreMs, trainMs, watchMs }
  }

  private stage(projection: Projection): ReturnType<typeof scoreStage> {
    const { settings, world, watcher } = this.options
    const { name, plan, topics, keyShare, topFeatures } = settings
    return scoreStage({
      name,
      plan,
      projection,
      topics,
      schemaIds,
      limits: { keyBytes: Number.MAX_SAFE_INTEGER, deadLetterBytes: Number.MAX_SAFE_INTEGER },
      encodeAnomaly: (value) => {
        this.watch(() => watcher.anomaly(value))
        return world.encodeAnomaly(value)
      },
      keyShare,
      topFeatures,
      onScored: (chunk) => this.watch(() => watcher.scored(chunk, this.part!)),
    })
  }

  private async giveBirth(): Promise<{ readonly model: Model; readonly bornFrom: number }> {
    const { settings, model: given } = this.options
    if (given !== undefined) return { model: given, bornFrom: 0 }
    const sample = await fedSample({ ...this.options, feed: this.feed })
    const steps = birth(settings.plan, sample.rows, sample.n, { ...settings, bornAtMs: 0, bornFrom: sample.ranges })
    return { model: finish(steps).model, bornFrom: sample.n }
  }

  /** The version as a reader of `models` has it. */
  private async published(model: Model): Promise<Scorer> {
    const { settings, world, signal } = this.options
    const { topics, fingerprint } = settings
    const at = { topic: topics.models, partition: 0 }
    const from = await world.log.written(at)
    const bytes = encodeModel(model)
    const { version } = model
    await world.log.publish((outputs) => publishVersion(outputs, topics.models, schemaIds.model, version, bytes, 0))
    this.targets.published(model, bytes)
    const value = await valueAtOffset(world.log, at, from, signal)
    if (value === null) throw interrupted()
    const decoded = decodeModel(Uint8Array.from(value.subarray(wireHeaderBytes)), fingerprint)
    if ('refused' in decoded) throw new ShoalError('snapshot.damaged', `a version is refused: ${decoded.detail}`)
    return freeze(decoded.value)
  }

  private async score(scorer: Scorer, part: FedPart): Promise<void> {
    const { settings, world, signal, clock } = this.options
    const { partition, from, to } = part
    const projection = this.projections[partition]
    const { profiles } = this
    const run = this.stages[partition](scorer, profiles === null ? null : (of) => profiles[of])
    this.part = part
    let next = from
    for await (const { batch, count } of readUpTo(
      world.log,
      settings.topics.input,
      [{ partition, from, to }],
      signal,
    )) {
      if (batch.offset[0] !== next) {
        throw new ShoalError('usage.invalid', `a birth must need less than the embedded log holds: got ${from} events`)
      }
      next += count
      for (const id of projection.unresolved(batch, 0, count)) {
        projection.resolve(id, world.registry === null ? null : await world.registry.lookup(id))
      }
      await world.log.publish((outputs) => {
        const startedMs = clock.now() - this.watchMs
        for (let at = 0; at < count; at += chunkEvents) run.score(batch, at, Math.min(at + chunkEvents, count), outputs)
        run.cover(count === batch.count ? batch : { ...batch, count, nextOffset: next })
        if (next === to) run.finish(outputs, 0)
        this.scoreMs += clock.now() - this.watchMs - startedMs
      })
    }
    if (next !== to) throw interrupted()
    this.note(run.facts)
  }

  private note({ clipped, invalid }: ScoreFacts): void {
    this.clipped += clipped
    for (const [reason, count] of invalid) this.invalid.set(reason, (this.invalid.get(reason) ?? 0) + count)
  }

  private async train(model: Model): Promise<void> {
    const { settings, world, signal, clock, onUpdates, learns = true } = this.options
    const topic = settings.topics.modelUpdates
    const { end } = await world.log.bounds({ topic, partition: 0 })
    const unread = [{ partition: 0, from: this.updatesRead, to: end }]
    for await (const batch of batchesUpTo(world.log, topic, unread, signal)) {
      this.watch(() => onUpdates?.(model, batch))
      if (!learns) continue
      const startedMs = clock.now()
      const { reactions } = foldBatch(model, batch, settings.reactions)
      this.trainMs += clock.now() - startedMs
      for (const reaction of reactions) await this.react(model, reaction)
    }
    this.updatesRead = end
  }

  /** Writes the command; it is obeyed with the updates of the next batch. */
  private async react(model: Model, reaction: Reaction): Promise<void> {
    const { settings, world, signal } = this.options
    const at = { topic: settings.topics.modelUpdates, schemaId: schemaIds.modelCommand }
    const command = await commandFor(reaction, { model, targets: this.targets, atMs: 0, signal })
    if (command !== null) await world.log.publish((outputs) => appendCommand(outputs, at, command, 0))
  }

  private watch(work: () => void): void {
    const { clock } = this.options
    const startedMs = clock.now()
    work()
    this.watchMs += clock.now() - startedMs
  }
}

/** A reading of the embedded log ends early for no other reason. */
function interrupted(): ShoalError {
  return new ShoalError('stopped.interrupted', 'interrupted: not all events have been replayed')
}

function eventsOf(batch: FedBatch): number {
  return batch.reduce((sum, { numbers }) => sum + numbers.length, 0)
}
