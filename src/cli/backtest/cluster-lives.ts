/** What became of the clusters while the stream flowed. */
import type { Model } from '../../core/model/model.ts'
import type { ChangeKind } from '../../core/upkeep/upkeep.ts'
import { changesSince } from '../../stages/lifecycle.ts'

export interface ClusterLife {
  /** The first event that was scored by a version in which it is so. */
  readonly row: number
  readonly version: number
  readonly kind: ChangeKind
  /** The cluster that came to be; of a merge or a drop, the one that is no more. */
  readonly cluster: number
  /** Clusters that its events came from; of a merge, where they went. */
  readonly relatives: readonly number[]
}

/** A model remembers its last changes alone; every version is looked at, so that none is missed. */
export class ClusterLives {
  readonly all: ClusterLife[] = []
  private seen = 0

  /** `row` is the next event, which this version scores. */
  note(model: Model, row: number): void {
    for (const { version, kind, id, relatives } of changesSince(model, this.seen)) {
      this.all.push({ row, version, kind, cluster: id, relatives: relatives.map((of) => of.id) })
    }
    this.seen = model.version
  }
}

const told: { readonly [K in ChangeKind]: (cluster: string, relatives: string) => string } = {
  born: (cluster) => `${cluster} was born`,
  split: (cluster, relatives) => `${cluster} was split off ${relatives}`,
  merged: (cluster, relatives) => `${cluster} was merged into ${relatives}`,
  dropped: (cluster) => `${cluster} was given up`,
  reseeded: (cluster) => `${cluster} was put elsewhere`,
  restored: (cluster) => `${cluster} is there again after a rollback`,
  undone: (cluster) => `${cluster} was undone by a rollback`,
}

/** One of them in a sentence. */
export function lifeText({ kind, cluster, relatives }: ClusterLife): string {
  return told[kind](`cluster ${cluster}`, relatives.length === 0 ? 'others' : relatives.join(', '))
}
