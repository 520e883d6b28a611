/** What became of clusters, told to others as records of `drift-events`. */
import type { Model } from '../core/model/model.ts'
import type { ClusterChange } from '../core/upkeep/upkeep.ts'
import { appendDriftEvents, type DriftEvent, type DriftTopic } from './drift-event.ts'
import type { Outputs } from './records.ts'

/** Changes of versions after `version`, oldest first. */
export function changesSince({ upkeep }: Model, version: number): readonly ClusterChange[] {
  return upkeep.changes.filter((change) => change.version > version)
}

/** Appends one record for each change. The same change has the same id whenever it is folded again. */
export function appendChanges(
  outputs: Outputs,
  topic: DriftTopic,
  model: Model,
  changes: readonly ClusterChange[],
  timestampMs: number,
): void {
  const events = changes.map((change) => eventOf(model, change))
  appendDriftEvents(outputs, topic, events, timestampMs)
}

/** No statistic, threshold or probability: a refit is tried as a whole, not cluster by cluster. */
function eventOf(model: Model, change: ClusterChange): DriftEvent {
  const { version, kind, id, weight, relatives } = change
  const of = share(weight, model.whole.weight[0])
  const none = { before: null, after: null }
  return {
    id: `${model.bornAtMs}-${version}-${kind}-${id}`,
    kind: `cluster.${kind}`,
    scope: `cluster ${id}`,
    referenceVersion: version - 1,
    currentVersion: version,
    ranges: [],
    features: [],
    clusters: [
      { id, share: of, ...none },
      ...relatives.map((relative) => ({ id: relative.id, share: shareOf(relative, relatives), ...none })),
    ],
    reaction: kind === 'restored' || kind === 'undone' ? 'rollback' : 'refit',
    message: sentence(change, of),
    test: null,
    driftId: null,
    accepted: null,
    segments: [],
  }
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
    case 'restored':
      return `cluster ${id} is there again ${holds}: what was learned since it was given up has been rolled back`
    case 'undone':
      return `cluster ${id} is no more: what it was made of has been rolled back`
    case 'dropped':
      return `cluster ${id} was dropped: ${relatives.length > 0 ? `its events went to ${others}` : 'no events were left'}`
  }
}

function named(ids: readonly number[]): string {
  return `${ids.length === 1 ? 'cluster' : 'clusters'} ${ids.join(', ')}`
}
