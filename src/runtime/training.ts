/** Folding updates in log order, and publishing versions of what they make. */
import { encodeModel } from '../core/codec/model-codec.ts'
import type { Command } from '../core/command/command.ts'
import { deedsSince } from '../core/command/control.ts'
import type { Reaction } from '../core/command/reactions.ts'
import { findingsSince } from '../core/drift/drift.ts'
import { driftKinds } from '../core/drift/finding.ts'
import { acceptedVersions } from '../core/drift/standing.ts'
import type { Model } from '../core/model/model.ts'
import { sampleOf } from '../core/upkeep/reservoir.ts'
import { changeKinds } from '../core/upkeep/upkeep.ts'
import { appendCommand, appendDeeds } from '../stages/command-records.ts'
import { appendFindings } from '../stages/drift-records.ts'
import { appendChanges, changesSince } from '../stages/lifecycle.ts'
import type { RecordBatch } from '../stages/records.ts'
import { type FoldFacts, foldBatchSteps, forgetVersion, publishVersion } from '../stages/train.ts'
import type { AuditWriter } from './audit/audit-writer.ts'
import { deedEntry } from './audit/promotions.ts'
import { tenureWriter } from './audit/tenure-writer.ts'
import { batchesUpTo } from './batches.ts'
import { Elsewhere } from './elsewhere.ts'
import { codeOf, ShoalError } from './errors.ts'
import { inTurns } from './in-turns.ts'
import { unlessAborted } from './interruption.ts'
import type { Share, Telemetry } from './ports.ts'
import { linkProducers } from './producer-links.ts'
import { commandFor } from './reacting.ts'
import { VersionHistory } from './retention.ts'
import { RollbackTargets } from './rollback-targets.ts'
import { inSpan } from './span.ts'
import { committed, trainGroup } from './train-transaction.ts'
import type { TrainWorkerOptions } from './train-worker.ts'
import { versionRecords } from './version-records.ts'

const mostForgottenAtOnce = 100
/** A young model is published when it has learned this share of what its last version had. */
const youngGrowth = 0.25
/** What publishing may take of the time while events come faster than versions can: each is read by every process. */
const publishingShare = 0.1

/** The updates are this process's to fold: from `position` on, for as long as `held` has not fired. */
export interface TrainDuty {
  readonly share: Share
  readonly position: number
  readonly held: AbortSignal
}

/** One owner's training, from restore to the end of its duty. */
export class Training {
  private readonly options: TrainWorkerOptions
  private readonly telemetry: Telemetry
  private readonly share: Share
  private readonly held: AbortSignal
  private readonly model: Model
  private readonly history: VersionHistory
  private readonly targets: RollbackTargets
  private readonly audit: AuditWriter | null
  /** What looks after the clusters beside this thread. */
  private readonly elsewhere: Elsewhere | undefined
  /** Reads which versions exist. */
  private scan: Promise<void> = Promise.resolve()
  /** To the drifts that have been found and not told yet. */
  private reactions: Reaction[] = []
  private position: number
  private unpublished = 0
  private publishedMs = Number.NEGATIVE_INFINITY
  private publishingTookMs = 0
  private publishedEvents: number
  /** What became of clusters up to this version has been told. */
  private toldVersion = 0

  constructor(options: TrainWorkerOptions, telemetry: Telemetry, duty: TrainDuty, model: Model) {
    this.options = options
    this.telemetry = telemetry
    this.share = duty.share
    this.held = duty.held
    this.model = model
    this.history = new VersionHistory(options.keep)
    this.targets = new RollbackTargets(options.sample.log, options.modelsTopic)
    const { clock } = options.sample
    this.elsewhere = options.computer === undefined ? undefined : new Elsewhere(options.computer, clock)
    this.audit = tenureWriter(options, telemetry.log, `train-${model.bornAtMs}-${model.version}-${duty.position}`)
    this.position = duty.position
    this.publishedEvents = model.trainedEvents
  }

  async run(): Promise<void> {
    const { share, held, options } = this
    await this.catchUp()
    this.toldVersion = this.model.version
    // What was folded again had been reacted to: those commands are in the log.
    this.reactions = []
    this.scan = this.readHistory().catch((error: unknown) => {
      this.telemetry.log.warn('old versions are not forgotten: the models topic could not be read', {
        code: codeOf(error),
      })
    })
    let reading: Promise<readonly RecordBatch[]> | null = null
    while (!held.aborted) {
      reading ??= share.read(options.limit)
      const batches = await this.orPublishTime(reading)
      if (batches !== null) {
        reading = null
        await this.fold(batches)
      }
      if (this.unpublished > 0 && this.isDue()) await this.publish()
    }
    // What has been read is folded, too: a partition is given up only when all that was read of it is committed.
    if (reading !== null) await this.fold(await reading)
    if (this.unpublished > 0) await this.publish()
    await this.scan
  }

  /** What was read, or null when it is time to publish first. */
  private async orPublishTime(reading: Promise<readonly RecordBatch[]>): Promise<readonly RecordBatch[] | null> {
    if (this.unpublished === 0) return reading
    const timer = new AbortController()
    const time = this.options.sample.clock.sleep(Math.max(0, this.untilPublishMs()), timer.signal).then(() => null)
    try {
      return await Promise.race([reading, time])
    } finally {
      // Without a reason given it would make an exception with its stack, for every update.
      timer.abort(null)
    }
  }

  /**
   * A young model is out of date after a few events: what it was published with is little beside what it has learned. So
   * is one whose clusters have changed, and a drift that was found is told at once.
   */
  private isDue(): boolean {
    if (changesSince(this.model, this.toldVersion).length > 0) return true
    if (findingsSince(this.model.drift, this.toldVersion).length > 0) return true
    if (deedsSince(this.model.control, this.toldVersion).length > 0) return true
    return this.untilPublishMs() <= 0
  }

  /** One that has learned enough waits only until publishing has rested, whether or not more comes meanwhile. */
  private untilPublishMs(): number {
    const { publishEveryMs, publishEveryEvents, sample } = this.options
    const learned = this.model.trainedEvents - this.publishedEvents
    const isEnough = learned >= Math.min(publishEveryEvents, youngGrowth * this.publishedEvents)
    const restMs = this.publishingTookMs / publishingShare
    const everyMs = isEnough ? Math.min(publishEveryMs, restMs) : publishEveryMs
    return this.publishedMs + everyMs - sample.clock.now()
  }

  /**
   * The version that belongs to the share's position may be one that could not be read: what it had learned since the one
   * that could is folded again, and so is the same to the bit. Otherwise there is nothing between version and position.
   */
  private async catchUp(): Promise<void> {
    const { options, model, position } = this
    const { log } = options.sample
    if (!options.follower.hasRefused || model.nextUpdateOffset >= position) return
    const topic = options.updatesTopic
    const bounds = await unlessAborted(this.held, log.bounds({ topic, partition: 0 }))
    if (bounds === null) return
    const from = Math.max(bounds.start, model.nextUpdateOffset)
    this.telemetry.log.warn('updates are folded again: the version that knew them could not be read', {
      from,
      to: position,
      gone: from - model.nextUpdateOffset,
    })
    const unfolded = [{ partition: 0, from, to: position }]
    for await (const batch of batchesUpTo(log, topic, unfolded, this.held)) await this.fold([batch])
  }

  private async fold(batches: readonly RecordBatch[]): Promise<void> {
    for (const batch of batches) {
      const facts = await this.foldOne(batch)
      this.tell(facts)
      this.reactions.push(...facts.reactions)
      if (facts.newer !== null) {
        if (this.unpublished > 0) await this.publish()
        const { offset, detail } = facts.newer
        throw new ShoalError('snapshot.newer_format', `${this.place(offset)} must be an update or a command: ${detail}`)
      }
      this.position = batch.nextOffset
      await this.options.sample.clock.yield()
    }
  }

  private foldOne(batch: RecordBatch): Promise<FoldFacts> {
    const { model, options, telemetry } = this
    const { clock } = options.sample
    const policy = options.reactions?.policy ?? null
    const topic = options.updatesTopic
    const messages = { operation: 'process', topic, group: trainGroup(options.name), batches: [batch] } as const
    return inSpan(telemetry, `process ${topic}`, { kind: 'consumer', isRoot: true, messages }, async (span) => {
      linkProducers(span, [batch])
      const startedMs = clock.now()
      const facts = await inTurns(foldBatchSteps(model, batch, policy), clock, this.elsewhere)
      telemetry.observe('shoal_batch_seconds', (clock.now() - startedMs) / 1000, { stage: 'train' })
      telemetry.observe('shoal_batch_events', batch.count, { stage: 'train' })
      span.add({ 'shoal.model.version': model.version })
      return facts
    })
  }

  /** Says what taught nothing. That a record was damaged stays in the state until others have been learned from. */
  private tell({ outcomes, damaged, endsDamaged }: FoldFacts): void {
    const { telemetry, options } = this
    const { learned, watched, obeyed, declined, ...refused } = outcomes
    for (const reason of ['repeated', 'foreign', 'damaged'] as const) {
      if (refused[reason] > 0) telemetry.count('shoal_updates_refused_total', refused[reason], { reason })
    }
    const folded = learned + watched + obeyed + declined
    this.unpublished += folded + refused.repeated + refused.foreign + refused.damaged
    if (refused.repeated + refused.foreign > 0) {
      telemetry.log.warn('updates that teach nothing: learned before, or of another life of the model', refused)
    }
    if (damaged !== null) {
      const message = `${this.place(damaged.offset)} is neither update nor command and teaches nothing: ${damaged.detail}`
      telemetry.log.error(message, { code: 'update.damaged', records: refused.damaged })
      if (endsDamaged) options.health.failed('model', message, 'updates')
    }
    if (!endsDamaged && folded > 0) options.health.recovered('model', 'updates')
  }

  private place(offset: number): string {
    return `offset ${offset} of the model updates of ${this.options.name}`
  }

  /**
   * The version, what is told of it, the commands that it leads to, tombstones of versions that have aged out, and the
   * position that it was folded up to. So a drift is reacted to when it is told, once: whoever folds the same updates
   * again after this transaction begins behind the drift, and before it nothing of either is in the log.
   */
  private publish(): Promise<void> {
    const facts = { 'shoal.model.version': this.model.version, 'shoal.updates': this.unpublished }
    return inSpan(this.telemetry, 'publish version', { isRoot: true, facts }, () => this.publishNow())
  }

  private async publishNow(): Promise<void> {
    const { share, model, options, telemetry, history } = this
    const { clock } = options.sample
    const startedMs = clock.now()
    const atMs = clock.date()
    const { healthyVersion, asked, pinned } = model.control
    // Of the last two accepted drifts the map is drawn: src/http/map.
    const drawn = acceptedVersions(model.drift).slice(-2)
    const needed = [healthyVersion, ...asked.map(({ targetVersion }) => targetVersion), ...pinned, ...drawn]
    const forgotten = history.expired(atMs, mostForgottenAtOnce, needed)
    const changes = changesSince(model, this.toldVersion)
    const findings = findingsSince(model.drift, this.toldVersion)
    const deeds = deedsSince(model.control, this.toldVersion)
    const { commands, reactions } = await this.commands(atMs)
    const audited = deeds.map((deed) => deedEntry(model, deed))
    if (audited.length > 0) await this.audit?.readOthers(this.held)
    const bytes = encodeModel(model)
    const { driftEvents, modelsTopic, modelSchemaId } = options
    await committed(options, telemetry, share, this.position, (transaction) => {
      publishVersion(transaction, modelsTopic, modelSchemaId, model.version, bytes, atMs)
      appendChanges(transaction, driftEvents, model, changes, atMs)
      appendDeeds(transaction, driftEvents, model, deeds, atMs)
      appendFindings(transaction, driftEvents, options.sample.plan, model, findings, atMs, reactions)
      const at = { topic: options.updatesTopic, schemaId: options.reactions?.schemaId ?? 0 }
      for (const command of commands) appendCommand(transaction, at, command, atMs)
      for (const version of forgotten) forgetVersion(transaction, modelsTopic, version, atMs)
      this.audit?.append(transaction, audited, atMs)
    })
    this.reactions = []
    this.targets.published(model, bytes)
    for (const version of forgotten) this.targets.forget(version)
    history.forget(forgotten)
    history.add(model.version, atMs)
    telemetry.count('shoal_updates_folded_total', this.unpublished, {})
    for (const kind of changeKinds) {
      const count = changes.filter((change) => change.kind === kind).length
      if (count > 0) telemetry.count('shoal_cluster_changes_total', count, { kind })
    }
    for (const { kind, refused } of deeds) {
      telemetry.count('shoal_commands_total', 1, { kind, outcome: refused === '' ? 'obeyed' : 'refused' })
    }
    for (const kind of driftKinds) {
      const count = findings.filter((finding) => finding.kind === kind).length
      if (count > 0) telemetry.count('shoal_drift_events_total', count, { kind })
    }
    telemetry.gauge('shoal_reservoir_rows', sampleOf(model.upkeep.reservoir).drawn.length, {})
    this.toldVersion = model.version
    this.unpublished = 0
    this.publishedMs = startedMs
    this.publishingTookMs = clock.now() - startedMs
    this.publishedEvents = model.trainedEvents
  }

  /** The reactions that can be had, and the commands that they are. */
  private async commands(atMs: number) {
    const { model, telemetry } = this
    const reactions: Reaction[] = []
    const commands: Command[] = []
    for (const reaction of this.reactions) {
      // Which older versions there are is known when they have been read.
      if (reaction.kind === 'rollback') await this.scan
      const command = await commandFor(reaction, { model, targets: this.targets, atMs, signal: this.share.ended })
      if (command === null) {
        const { driftNumber } = reaction
        telemetry.log.warn('there is no rollback: no version that is healthy is kept', { driftNumber })
        continue
      }
      commands.push(command)
      reactions.push(reaction)
    }
    return { commands, reactions }
  }

  /** Learns which versions exist, so that they can age out; in the background, since no result waits for it. */
  private async readHistory(): Promise<void> {
    const found = new Map<number, number>()
    const { options, targets, held } = this
    for await (const { version, offset, atMs, isTombstone } of versionRecords(
      options.sample.log,
      options.modelsTopic,
      held,
    )) {
      if (isTombstone) {
        found.delete(version)
        targets.forget(version)
      } else {
        found.set(version, atMs)
        targets.found(version, offset)
      }
    }
    if (!held.aborted) this.history.addEarlier(found)
  }
}
