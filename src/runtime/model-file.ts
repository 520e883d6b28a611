/** A version as a file: for an archive, another tool, or the birth of a model elsewhere. */
import { createHash } from 'node:crypto'
import { decodeModel } from '../core/codec/model-codec.ts'
import { readContainer, writeContainer } from '../core/codec/object-container.ts'
import { firstControl } from '../core/command/control.ts'
import { inNewLog, type Model } from '../core/model/model.ts'
import { wireHeaderBytes } from '../stages/wire-format.ts'
import { ShoalError } from './errors.ts'
import { type PublishedModel, refusalCode } from './model-follower.ts'
import type { ServiceSettings } from './service.ts'

const syncBytes = 16

/** An Avro object container with the version's record, and beside it whose it is. The same version gives the same bytes. */
export function modelFile({ bytes, publishedAtMs, scorer }: PublishedModel, name: string, schema: string): Uint8Array {
  const record = bytes.subarray(wireHeaderBytes)
  const { model } = scorer
  const said = new Map([
    ['shoal.name', name],
    ['shoal.version', String(model.version)],
    ['shoal.fingerprint', model.fingerprint],
    ['shoal.bornAtMs', String(model.bornAtMs)],
    ['shoal.publishedAtMs', String(publishedAtMs)],
  ])
  const sync = createHash('sha256').update(record).digest().subarray(0, syncBytes)
  return writeContainer(schema, said, record, sync)
}

/**
 * The version of a file, as the birth of a model of this configuration; throws when it is damaged, of a newer release or of another
 * configuration. Where the events that it has learned were, and which commands it has come to, is known of another log: in
 * this one it knows of none. Its budget is a part of it, and stays.
 */
export function modelOfFile(
  file: Uint8Array,
  { fingerprint, plan }: Pick<ServiceSettings, 'fingerprint' | 'plan'>,
  bornAtMs: number,
): Model {
  const read = readContainer(file)
  if ('problem' in read)
    throw new ShoalError('file.malformed', `a model's file must be one that was exported: ${read.problem}`)
  const decoded = decodeModel(read.record, fingerprint)
  if ('refused' in decoded) {
    const whose = read.metadata.get('shoal.name') ?? 'nobody knows which'
    throw new ShoalError(refusalCode[decoded.refused], `the model of the file (${whose}) is refused: ${decoded.detail}`)
  }
  const { value: model } = decoded
  if (model.d !== plan.columns.length) {
    throw new ShoalError(
      'snapshot.damaged',
      `the model of the file must have ${plan.columns.length} columns: it has ${model.d}`,
    )
  }
  const control = { ...firstControl(model.control.budget), healthyVersion: model.version }
  return { ...inNewLog(model), bornAtMs, control }
}
