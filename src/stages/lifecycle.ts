/** What became of clusters, told to others: records of `drift-events`, encoded as schemas/drift-event.avsc has them. */
import { AvroWriter } from '../core/codec/avro-bytes.ts'
import type { Model } from '../core/model/model.ts'
import type { ClusterChange } from '../core/upkeep/upkeep.ts'
import type { Outputs } from './records.ts'
import { framed } from './wire-format.ts'

export interface LifecycleTopic {
  readonly topic: string
  readonly schemaId: number
  /** The model's name: the key of every record. */
  readonly name: string
}

/** Changes of versions after `version`, oldest first. */
export function changesSince({ upkeep }: Model, version: number): readonly ClusterChange[] {
  return upkeep.changes.filter((change) => change.version > version)
}

/** Appends one record for each change. The same change has the same id whenever it is folded again. */
export function appendChanges(
  outputs: Outputs,
  { topic, schemaId, name }: LifecycleTopic,
  model: Model,
  changes: readonly ClusterChange[],
  timestampMs: number,
): void {
  const key = Buffer.from(name)
  for (const change of changes) {
    const value = framed(schemaId, encoded(model, change, timestampMs))
    outputs.append({ topic, partition: 0, key, value, timestamp: timestampMs })
  }
}

function encoded(model: Model, change: ClusterChange, timestampMs: number): Uint8Array {
  const { version, kind, id, weight, relatives } = change
  const writer = new AvroWriter(256)
  writer.string(`${model.bornAtMs}-${version}-${kind}-${id}`)
  writer.string(`cluster.${kind}`)
  writer.string(`cluster ${id}`)
  // No statistic, threshold or probability: a refit is tried as a whole, not cluster by cluster.
  for (let none = 0; none < 3; none++) writer.union(0)
  writer.long(version - 1)
  writer.long(version)
  writer.long(Math.floor(timestampMs))
  writer.arrayEnd()
  writer.arrayEnd()
  const all = model.whole.weight[0]
  const shares = [
    { id, share: share(weight, all) },
    ...relatives.map((of) => ({ id: of.id, share: shareOf(of, relatives) })),
  ]
  writer.arrayBegin(shares.length)
  for (const of of shares) {
    writer.int(of.id)
    writer.double(of.share)
  }
  writer.arrayEnd()
  writer.string('refit')
  writer.string(sentence(change, share(weight, all)))
  return writer.written()
}

function share(part: number, all: number): number {
  return all > 0 ? Math.min(1, part / all) : 0
}

function shareOf({ weight }: { readonly weight: number }, of: ClusterChange['relatives']): number {
  return share(
    weight,
    of.reduce((sum, relative) => sum + relative.weight, 0),
  )
}

function sentence({ kind, id, relatives }: ClusterChange, of: number): string {
  const others = named(relatives.map((relative) => relative.id))
  const holds = `with ${(100 * of).toPrecision(2)} % of the events`
  switch (kind) {
    case 'born':
      return `cluster ${id} was born ${holds}: of late they came to where none had been, nearest to ${others}`
    case 'split':
      return `cluster ${id} split off ${holds} from ${others}`
    case 'reseeded':
      return `cluster ${id} was formed ${holds} anew${relatives.length > 0 ? ` from those of ${others}` : ''}`
    case 'merged':
      return `cluster ${id} was merged, ${holds}, into ${others}`
    case 'dropped':
      return `cluster ${id} was dropped: ${relatives.length > 0 ? `its events went to ${others}` : 'no events were left'}`
  }
}

function named(ids: readonly number[]): string {
  return `${ids.length === 1 ? 'cluster' : 'clusters'} ${ids.join(', ')}`
}
