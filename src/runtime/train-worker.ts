/** The train stage at work: restore or give birth, fold updates in log order, publish at most every so often. */

import { decodeModel } from '../core/codec/model-codec.ts'
import type { ReactionPolicy } from '../core/command/reactions.ts'
import type { DriftOptions } from '../core/drift/drift.ts'
import type { FeaturePlan } from '../core/features/feature-plan.ts'
import { decidedTransforms } from '../core/features/shape-choice.ts'
import type { ClusterCount } from '../core/kmeans/k-choice.ts'
import { birth } from '../core/model/birth.ts'
import type { Model } from '../core/model/model.ts'
import type { DriftTopic } from '../stages/drift-event.ts'
import { publishModel } from '../stages/train.ts'
import { wireHeaderBytes } from '../stages/wire-format.ts'
import type { AuditPlace } from './audit/audit-writer.ts'
import { birthEntry } from './audit/promotions.ts'
import { tenureWriter } from './audit/tenure-writer.ts'
import { type BirthSample, birthSample, type SampleOptions } from './birth-sample.ts'
import { ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import { inTurns } from './in-turns.ts'
import { unlessAborted } from './interruption.ts'
import type { ModelFollower } from './model-follower.ts'
import type { Computer, ReadLimit, Share, Telemetry } from './ports.ts'
import type { KeepPolicy } from './retention.ts'
import { inSpan } from './span.ts'
import { committed } from './train-transaction.ts'
import { type TrainDuty, Training } from './training.ts'

export interface TrainWorkerOptions {
  readonly name: string
  readonly plan: FeaturePlan
  readonly fingerprint: string
  readonly k: ClusterCount
  readonly seed: number
  readonly halfLifeEvents: number
  readonly rarityHalfLifeEvents: number
  /** What a model is born with; from then on it is the model's own. */
  readonly budget: number
  readonly drift?: DriftOptions
  /** What is done about drifts; unset: they are told. */
  readonly reactions?: { readonly policy: ReactionPolicy; readonly schemaId: number }
  readonly modelsTopic: string
  readonly updatesTopic: string
  readonly modelSchemaId: number
  /** Where it is told what became of clusters. */
  readonly driftEvents: DriftTopic
  /** Where births and what became of commands are told; unset: nowhere. */
  readonly audit?: AuditPlace
  readonly follower: ModelFollower
  readonly health: Health
  readonly sample: SampleOptions
  /** Does what takes time in the fold; unset: the thread that does all else. */
  readonly computer?: Computer
  readonly limit: ReadLimit
  /** A version is published when either has passed since the last one. */
  readonly publishEveryMs: number
  readonly publishEveryEvents: number
  readonly keep: KeepPolicy
  /** Told when this process becomes, or ceases to be, the one that trains. */
  readonly onOwnership: (owns: boolean) => void
}

/** Works until the share ends. Who holds partition 0, the only one, trains. */
export async function trainShare(options: TrainWorkerOptions, telemetry: Telemetry, share: Share): Promise<void> {
  const { health } = options
  health.recovered('kafka', 'train')
  while (!share.ended.aborted) {
    const change = share.changed()
    const position = share.positions.get(0)
    if (position === undefined) {
      // What failed here is another's to do now.
      health.recovered('train')
      health.recovered('model', 'train')
      await change
    } else await train(options, telemetry, { share, position, held: share.held(0) })
  }
}

async function train(options: TrainWorkerOptions, telemetry: Telemetry, duty: TrainDuty): Promise<void> {
  telemetry.count('shoal_shares_total', 1, { stage: 'train' })
  options.onOwnership(true)
  try {
    const model = await restore(options, telemetry, duty)
    if (model !== null) await new Training(options, telemetry, duty, model).run()
  } finally {
    options.onOwnership(false)
  }
}

/**
 * The newest committed version, or a birth; null when the duty ended first.
 *
 * Mechanism: the follower must have seen all that had been written when this share began, also by transactions that are
 * still open. Consequence: the version that was committed together with the share's position is among it. (That the
 * position is stable does not say so: the brokers learn of a commit one by one, the topic of models perhaps last.)
 * Guarantee: model and position belong together, and no model is born where one is.
 */
async function restore(options: TrainWorkerOptions, telemetry: Telemetry, duty: TrainDuty): Promise<Model | null> {
  const { follower, sample, modelsTopic, fingerprint } = options
  const { held } = duty
  const written = await unlessAborted(held, sample.log.written({ topic: modelsTopic, partition: 0 }))
  if (written === null) return null
  await follower.reach(written, held)
  if (held.aborted) return null
  const published = follower.toTrainFrom()
  if (published === null) return giveBirth(options, telemetry, duty)
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
  if (model.control.budget !== options.budget) {
    telemetry.log.warn(
      'the model keeps its own budget, which `shoal model budget` changes; the configured one holds for the next birth',
      { budget: model.control.budget, configured: options.budget },
    )
  }
  telemetry.log.info('training goes on', { version: model.version, offset: model.nextUpdateOffset })
  return model
}

async function giveBirth(options: TrainWorkerOptions, telemetry: Telemetry, duty: TrainDuty): Promise<Model | null> {
  const { sample } = options
  let saidEvents = -1
  const onProgress = (events: number, enough: number) => {
    sample.onProgress(events, enough)
    if (events === saidEvents) return
    saidEvents = events
    telemetry.log.info(`waiting for a model: ${events} of ${enough} events`, { events, enough })
  }
  const found = await birthSample({ ...sample, onProgress }, duty.held)
  if (found === null) return null
  const facts = { 'shoal.birth.events': found.n }
  return inSpan(telemetry, 'give birth', { isRoot: true, facts }, () => bornOf(options, telemetry, duty, found))
}

/** Null when the duty ended first. */
async function bornOf(
  options: TrainWorkerOptions,
  telemetry: Telemetry,
  duty: TrainDuty,
  found: BirthSample,
): Promise<Model | null> {
  const { sample, plan, modelsTopic, modelSchemaId } = options
  const { clock } = sample
  const born = { ...options, bornAtMs: clock.date(), bornFrom: found.ranges }
  const { model, choice } = await inTurns(birth(plan, found.rows, found.n, born), clock)
  const { share, position, held } = duty
  const audit = tenureWriter(options, telemetry.log, `birth-${model.bornAtMs}-${position}`)
  await audit?.readOthers(held)
  // From here on to the commit nothing is waited for, and during that the partition stays.
  if (held.aborted) return null
  model.nextUpdateOffset = position
  await committed(options, telemetry, share, position, (transaction) => {
    publishModel(transaction, modelsTopic, modelSchemaId, model, clock.date())
    audit?.append(transaction, [birthEntry(model)], clock.date())
  })
  telemetry.log.info('a model is born', {
    events: found.n,
    clusters: model.k,
    columns: model.d,
    transforms: decidedTransforms(plan, model.shapes),
    ...(choice === null ? {} : { why: choice.reason }),
  })
  return model
}
