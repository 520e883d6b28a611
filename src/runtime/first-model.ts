/** A model that was trained elsewhere, published as the birth of a service would publish its own. */

import { decodeModel } from '../core/codec/model-codec.ts'
import type { Model } from '../core/model/model.ts'
import { valueAt } from '../stages/records.ts'
import { publishModel } from '../stages/train.ts'
import { wireHeaderBytes } from '../stages/wire-format.ts'
import { type AuditPlace, AuditWriter } from './audit/audit-writer.ts'
import { birthEntry } from './audit/promotions.ts'
import { batchesUpTo, countBefore } from './batches.ts'
import { ShoalError } from './errors.ts'
import { unlessAborted } from './interruption.ts'
import type { Clock, EventLog, Log, Share } from './ports.ts'
import { trainGroup } from './train-transaction.ts'

export interface FirstModelOptions {
  /** Of the model: its trainers' group is named after it. */
  readonly name: string
  readonly log: EventLog
  readonly clock: Clock
  readonly modelsTopic: string
  readonly updatesTopic: string
  readonly modelSchemaId: number
  /** Where the birth is told. */
  readonly audit: AuditPlace & { readonly said: Log }
  /** How long others may go on holding what a trainer holds. */
  readonly waitMs: number
}

/**
 * Publishes the model as the first of its name, once, and gives the place in the log of updates that it goes on from.
 *
 * Mechanism: this process becomes the trainer, a member of the trainers' group that holds their one partition; then it
 * looks at all that had been written to the topic of models, open transactions included; then it commits the model and
 * the position in one transaction, under the seat that it looked under. Consequence: whoever else wants to give birth
 * must hold the same partition, before or after. Guarantee: there is one first model; this one is refused
 * (`model.exists`) when there is another, and nothing is written when somebody else goes on training (`model.busy`).
 */
export async function publishFirstModel(
  options: FirstModelOptions,
  model: Model,
  signal: AbortSignal,
): Promise<number> {
  const { name, log, clock, updatesTopic, waitMs } = options
  const late = new AbortController()
  const over = AbortSignal.any([late.signal, signal])
  let position: number | null = null
  const membership = log.join(trainGroup(name), updatesTopic, async (share) => {
    position = await published(options, model, share, over)
  })
  try {
    await Promise.race([membership.done, clock.sleep(waitMs, over)])
  } finally {
    late.abort()
    await membership.leave()
  }
  await membership.done
  if (position !== null) return position
  if (signal.aborted) throw new ShoalError('stopped.interrupted', 'interrupted: the model has not been published')
  throw new ShoalError('model.busy', `no other process must train ${name}: one still does after ${waitMs} ms`)
}

/** Null when the share or the wait ended first. */
async function published(
  { name, log, clock, modelsTopic, modelSchemaId, audit }: FirstModelOptions,
  model: Model,
  share: Share,
  over: AbortSignal,
): Promise<number | null> {
  for (;;) {
    if (share.ended.aborted || over.aborted) return null
    const change = share.changed()
    const position = share.positions.get(0)
    if (position === undefined) {
      await unlessAborted(over, change)
      continue
    }
    const held = share.held(0)
    const written = await log.written({ topic: modelsTopic, partition: 0 })
    const found = await anyModel(log, modelsTopic, written, held)
    if (held.aborted) continue
    if (found !== null) {
      // That its commit was acknowledged is what an earlier turn of this loop may not have heard.
      const decoded = decodeModel(found, model.fingerprint)
      if ('value' in decoded && decoded.value.bornAtMs === model.bornAtMs) return decoded.value.nextUpdateOffset
      throw new ShoalError('model.exists', `${name} must have no model yet: topic ${modelsTopic} holds one`)
    }
    const auditor = new AuditWriter({ ...audit, log, writer: `birth-${model.bornAtMs}-${position}` })
    await auditor.readOthers(held)
    if (held.aborted) continue
    const transaction = share.begin()
    try {
      const first: Model = { ...model, nextUpdateOffset: position }
      publishModel(transaction, modelsTopic, modelSchemaId, first, clock.date())
      auditor.append(transaction, [birthEntry(first)], clock.date())
      await transaction.commit(new Map([[0, position]]))
      return position
    } catch (error) {
      await transaction.abandon()
      throw error
    }
  }
}

/** The first version before `end` that is no tombstone: those are of versions that were thinned out, and the newest never is. */
async function anyModel(log: EventLog, topic: string, end: number, signal: AbortSignal): Promise<Uint8Array | null> {
  const { start } = await log.bounds({ topic, partition: 0 })
  for await (const batch of batchesUpTo(log, topic, [{ partition: 0, from: start, to: end }], signal)) {
    const count = countBefore(batch, end)
    for (let i = 0; i < count; i++) {
      const value = valueAt(batch, i)
      if (value !== null) return Uint8Array.from(value.subarray(wireHeaderBytes))
    }
  }
  return null
}
