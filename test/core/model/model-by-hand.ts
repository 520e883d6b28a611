/** A model whose clusters are put together by hand. */
import { firstControl } from '../../../src/core/command/control.ts'
import { plainShapes } from '../../../src/core/features/shapes.ts'
import type { Model } from '../../../src/core/model/model.ts'
import type { ColumnStatistics } from '../../../src/core/model/statistics.ts'
import { noQuality } from '../../../src/core/quality/quality.ts'
import { emptyRarity } from '../../../src/core/score/rarity.ts'
import { usualOf } from '../../../src/core/score/usual.ts'
import { noFeatures } from '../features/sample-features.ts'
import { emptyUpkeep, noDrift } from './sample-model.ts'

/** Version 1 of a model that forgets nothing, has no least spread, and has learned nothing but this. */
export function modelByHand(clusters: ColumnStatistics, whole: ColumnStatistics, more: Partial<Model> = {}): Model {
  const { k, d } = clusters
  return {
    fingerprint: '0000000000000000',
    bornAtMs: 0,
    version: 1,
    d,
    k,
    halfLifeEvents: Infinity,
    rarityHalfLifeEvents: Infinity,
    ids: Int32Array.from({ length: k }, (_, j) => j),
    bornVersions: new Float64Array(k),
    clusters,
    whole,
    floor: new Float64Array(d),
    shapes: plainShapes(d),
    features: noFeatures(),
    rarity: emptyRarity(),
    trainedEvents: 0,
    nextUpdateOffset: 0,
    learnedUpTo: new Map(),
    bornFrom: [],
    upkeep: emptyUpkeep(k, d),
    usual: usualOf(clusters, 1),
    drift: noDrift(k),
    quality: noQuality(),
    control: firstControl(0.005),
    ...more,
  }
}
