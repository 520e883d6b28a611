/** What is said of features where a test is about something else. */
import { binsOf } from '../../../src/core/features/feature-bins.ts'
import { emptyCounts } from '../../../src/core/features/feature-counts.ts'
import { FieldColumns, FieldKind } from '../../../src/core/fields/fields.ts'
import type { FeatureState, Model } from '../../../src/core/model/model.ts'
import type { UpdateFeatures } from '../../../src/core/model/update.ts'

/** Of a model whose features are not counted. */
export function noFeatures(): FeatureState {
  return { bins: binsOf([]), reference: emptyCounts(0, 0), current: emptyCounts(0, 0) }
}

/** Of an update of such a model. */
export function noCounts(): UpdateFeatures {
  return { from: new Int32Array(1), ...emptyCounts(0, 0) }
}

/** Of an update of `trained` events in which every feature was missing. */
export function allMissing({ features: { bins } }: Pick<Model, 'features'>, trained: number): UpdateFeatures {
  const counts = emptyCounts(bins.edges.length, bins.from[bins.edges.length])
  counts.missing.fill(trained)
  return { from: bins.from, ...counts }
}

/** n events in all of whose `fields` fields there is a number, and of each row its event: the same. */
export function numberFields(
  n: number,
  fields: number,
): { fields: FieldColumns; eventOf: Int32Array; bytes: Uint8Array } {
  const columns = new FieldColumns(n, fields)
  columns.kind.fill(FieldKind.number)
  return { fields: columns, bytes: new Uint8Array(0), eventOf: Int32Array.from({ length: n }, (_, i) => i) }
}
