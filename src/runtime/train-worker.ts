/** The train stage at work: restore or give birth, fold updates in log order, publish at most every so often. */
import { birth } from '../core/birth.ts'
import type { FeaturePlan } from '../core/feature-plan.ts'
import type { Model } from '../core/model.ts'
import { decodeModel } from '../core/model-codec.ts'
import { wireHeaderBytes } from '../stages/assignment.ts'
import type { RecordBatch } from '../stages/records.ts'
import { foldBatch, forgetVersion, publishModel } from '../stages/train.ts'
import { birthSample, type SampleOptions } from './birth-sample.ts'
import { codeOf, ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import type { ModelFollower } from './model-follower.ts'
import type { ReadLimit, Share, Telemetry, Transaction } from './ports.ts'
import { type KeepPolicy, VersionHistory } from './retention.ts'

export interface TrainWorkerOptions {
  readonly name: string
  readonly plan: FeaturePlan
  readonly fingerprint: string
  readonly k: number
  readonly seed: number
  readonly halfLifeEvents: number
  readonly rarityHalfLifeEvents: number
  readonly modelsTopic: string
  readonly modelSchemaId: number
  readonly follower: ModelFollower
  readonly health: Health
  readonly sample: Omit<SampleOptions, 'onProgress'>
  readonly limit: ReadLimit
  /** A version is published when either has passed since the last one. */
  readonly publishEveryMs: number
  readonly publishEveryEvents: number
  readonly keep: KeepPolicy
  /** Told when this process becomes, or ceases to be, the one that trains. */
  readonly onOwnership: (owns: boolean) => void
}

const mostForgottenAtOnce = 100
/** A young model is published when it has learned this share of what its last version had. */
const youngGrowth = 0.25

/** Works until the share ends. Only the owner of partition 0, the only one, trains. */
export async function trainShare(options: TrainWorkerOptions, telemetry: Telemetry, share: Share): Promise<void> {
  const { health } = options
  health.recovered('kafka', 'train')
  if (!share.partitions.includes(0)) {
    // What failed here is another's to do now.
    health.recovered('train')
    health.recovered('model', 'train')
    await ended(share.ended)
    return
  }
  telemetry.count('shoal_generations_total', 1, { stage: 'train' })
  options.onOwnership(true)
  try {
    const model = await restore(options, telemetry, share)
    if (model !== null) await new Training(options, telemetry, share, model).run()
  } finally {
    options.onOwnership(false)
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/**
 * The newest committed version, or a birth; null when the share ended first.
 *
 * Mechanism: the follower must have seen all that had been written when this share began, also by transactions that are
 * still open. Consequence: the version that was committed together with the share's position is among it. (That the
 * position is stable does not say so: the brokers learn of a commit one by one, the topic of models perhaps last.)
 * Guarantee: model and position belong together, and no model is born where one is.
 */
async function restore(options: TrainWorkerOptions, telemetry: Telemetry, share: Share): Promise<Model | null> {
  const { follower, sample, modelsTopic, fingerprint } = options
  await follower.reach(await sample.log.written({ topic: modelsTopic, partition: 0 }), share.ended)
  if (share.ended.aborted) return null
  const published = follower.current()
  if (published === null) return giveBirth(options, telemetry, share)
  const decoded = decodeModel(published.bytes.subarray(wireHeaderBytes), fingerprint)
  if ('refused' in decoded) throw new ShoalError('snapshot.damaged', `the newest model is refused: ${decoded.detail}`)
  const model = decoded.value
  if (model.halfLifeEvents !== options.halfLifeEvents || model.rarityHalfLifeEvents !== options.rarityHalfLifeEvents) {
    telemetry.log.warn(
      'the model keeps the half-lives that it was born with; the configured ones hold for the next birth',
      {
        halfLifeEvents: model.halfLifeEvents,
        rarityHalfLifeEvents: model.rarityHalfLifeEvents,
      },
    )
  }
  telemetry.log.info('training goes on', { version: model.version, offset: model.nextUpdateOffset })
  return model
}

async function giveBirth(options: TrainWorkerOptions, telemetry: Telemetry, share: Share): Promise<Model | null> {
  const { sample, plan, modelsTopic, modelSchemaId } = options
  const { clock } = sample
  let saidEvents = -1
  const onProgress = (events: number, enough: number) => {
    if (events === saidEvents) return
    saidEvents = events
    telemetry.log.info(`waiting for a model: ${events} of ${enough} events`, { events, enough })
  }
  const found = await birthSample({ ...sample, onProgress }, share.ended)
  if (found === null) return null
  const steps = birth(plan, found.rows, found.n, { ...options, bornAtMs: clock.now(), bornFrom: found.ranges })
  let step = steps.next()
  while (step.done !== true) {
    await clock.yield()
    step = steps.next()
  }
  const model = step.value
  const position = share.positions.get(0) ?? 0
  model.nextUpdateOffset = position
  await committed(options, telemetry, share, position, (transaction) => {
    publishModel(transaction, modelsTopic, modelSchemaId, model, clock.now())
  })
  telemetry.log.info('a model is born', { events: found.n, clusters: model.k, columns: model.d })
  return model
}

/** One transaction: what `write` appends, and the position that belongs to it. */
async function committed(
  { health, sample }: TrainWorkerOptions,
  telemetry: Telemetry,
  share: Share,
  position: number,
  write: (transaction: Transaction) => void,
): Promise<void> {
  const startedMs = sample.clock.now()
  const transaction = share.begin()
  try {
    write(transaction)
    await transaction.commit(new Map([[0, position]]))
  } catch (error) {
    const outcome = codeOf(error) === 'log.fenced' ? 'fenced' : 'abandoned'
    telemetry.count('shoal_transactions_total', 1, { stage: 'train', outcome })
    await transaction.abandon()
    throw error
  }
  telemetry.count('shoal_transactions_total', 1, { stage: 'train', outcome: 'committed' })
  telemetry.observe('shoal_transaction_seconds', (sample.clock.now() - startedMs) / 1000, { stage: 'train' })
  health.recovered('train')
  health.recovered('model', 'train')
}

/** One owner's training, from restore to the end of the share. */
class Training {
  private readonly options: TrainWorkerOptions
  private readonly telemetry: Telemetry
  private readonly share: Share
  private readonly model: Model
  private readonly history: VersionHistory
  private position: number
  private unpublished = 0
  private publishedMs = Number.NEGATIVE_INFINITY
  private publishedEvents: number

  constructor(options: TrainWorkerOptions, telemetry: Telemetry, share: Share, model: Model) {
    this.options = options
    this.telemetry = telemetry
    this.share = share
    this.model = model
    this.history = new VersionHistory(options.keep)
    this.position = share.positions.get(0) ?? 0
    this.publishedEvents = model.trainedEvents
  }

  async run(): Promise<void> {
    const { share, options } = this
    const scan = this.readHistory().catch((error: unknown) => {
      this.telemetry.log.warn('old versions are not forgotten: the models topic could not be read', {
        code: codeOf(error),
      })
    })
    let reading: Promise<readonly RecordBatch[]> | null = null
    while (!share.ended.aborted) {
      reading ??= share.read(options.limit)
      const batches = await this.orPublishTime(reading)
      if (batches !== null) {
        reading = null
        await this.fold(batches)
      }
      if (this.unpublished > 0 && this.isDue()) await this.publish()
    }
    if (this.unpublished > 0) await this.publish()
    await scan
  }

  /** What was read, or null when it is time to publish first. */
  private async orPublishTime(reading: Promise<readonly RecordBatch[]>): Promise<readonly RecordBatch[] | null> {
    if (this.unpublished === 0) return reading
    const timer = new AbortController()
    const time = this.options.sample.clock.sleep(Math.max(0, this.untilPublishMs()), timer.signal).then(() => null)
    try {
      return await Promise.race([reading, time])
    } finally {
      timer.abort()
    }
  }

  /** A young model is out of date after a few events: what it was published with is little beside what it has learned. */
  private isDue(): boolean {
    const learned = this.model.trainedEvents - this.publishedEvents
    const enough = Math.min(this.options.publishEveryEvents, youngGrowth * this.publishedEvents)
    return learned >= enough || this.untilPublishMs() <= 0
  }

  private untilPublishMs(): number {
    return this.publishedMs + this.options.publishEveryMs - this.options.sample.clock.now()
  }

  private async fold(batches: readonly RecordBatch[]): Promise<void> {
    const { model, telemetry, options } = this
    const { clock } = options.sample
    for (const batch of batches) {
      const startedMs = clock.now()
      const { outcomes, damaged } = foldBatch(model, batch)
      telemetry.observe('shoal_batch_seconds', (clock.now() - startedMs) / 1000, { stage: 'train' })
      const folded = outcomes.learned + outcomes.repeated + outcomes.foreign
      this.unpublished += folded
      if (outcomes.repeated + outcomes.foreign > 0) {
        telemetry.log.warn('updates that teach nothing: learned before, or of another life of the model', outcomes)
      }
      if (damaged !== null) {
        const where = `offset ${damaged.offset} of the model updates of ${options.name}`
        throw new ShoalError('update.damaged', `${where} must be an update: ${damaged.detail}`)
      }
      this.position = batch.nextOffset
      await clock.yield()
    }
  }

  /** The version, tombstones of versions that have aged out, and the position that it was folded up to. */
  private async publish(): Promise<void> {
    const { share, model, options, telemetry, history } = this
    const { clock } = options.sample
    const startedMs = clock.now()
    const forgotten = history.expired(startedMs, mostForgottenAtOnce)
    await committed(options, telemetry, share, this.position, (transaction) => {
      publishModel(transaction, options.modelsTopic, options.modelSchemaId, model, startedMs)
      for (const version of forgotten) forgetVersion(transaction, options.modelsTopic, version, startedMs)
    })
    history.forget(forgotten)
    history.add(model.version, startedMs)
    telemetry.count('shoal_updates_folded_total', this.unpublished, {})
    this.unpublished = 0
    this.publishedMs = startedMs
    this.publishedEvents = model.trainedEvents
  }

  /** Learns which versions exist, so that they can age out; in the background, since no result waits for it. */
  private async readHistory(): Promise<void> {
    const { log } = this.options.sample
    const at = { topic: this.options.modelsTopic, partition: 0 }
    const { start, end } = await log.bounds(at)
    if (start >= end) return
    const found = new Map<number, number>()
    for await (const batch of log.follow(at, start, this.share.ended)) {
      for (let i = 0; i < batch.count; i++) {
        const keyStart = batch.keyStart[i]
        const version = Number(batch.bytes.toString('latin1', keyStart, keyStart + Math.max(0, batch.keyLength[i])))
        if (batch.valueLength[i] < 0) found.delete(version)
        else found.set(version, batch.timestamp[i])
      }
      if (batch.nextOffset >= end) break
    }
    if (!this.share.ended.aborted) this.history.addEarlier(found)
  }
}
