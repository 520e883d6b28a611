/** What a birth decides about its columns' shapes: learning.md section 1, `auto` and `squash`. */
import type { FeaturePlan } from './feature-plan.ts'
import {
  clamp,
  largestValue,
  meanOf,
  normalQuartileRange,
  quantileOf,
  robustSpread,
  sampleFences,
  sortedColumn,
} from './sample-column.ts'
import { bent, plainShapes, ShapeKind, type Shapes } from './shapes.ts'

/**
 * Below it a distribution is not called skewed (Bulmer 1979: above 1 is highly skewed). Of a symmetric one the skewness is
 * chance, and so would be whether it halves.
 */
const leastSkewness = 1

/**
 * The shapes of the plan's columns by a sample, rows (n × d) as plain shapes give them, NaN where a value is missing:
 * `log` as configured; `squash` about the median; `auto` is `log` when that more than halves the skewness, else plain.
 */
export function chooseShapes(plan: FeaturePlan, rows: Float64Array, n: number): Shapes {
  const d = plan.columns.length
  const shapes = plainShapes(d)
  for (const { spec, firstColumn: c } of plan.features) {
    const { kind } = spec.transform
    if (kind === 'log') shapes.kind[c] = ShapeKind.log
    if (kind !== 'auto' && kind !== 'squash') continue
    const sorted = sortedColumn(rows, n, d, c)
    if (sorted.length === 0) continue
    if (kind === 'auto') shapes.kind[c] = logHalvesSkewness(sorted) ? ShapeKind.log : ShapeKind.plain
    else {
      shapes.kind[c] = ShapeKind.squash
      shapes.centre[c] = clamp(quantileOf(sorted, 0.5), -largestValue, largestValue)
      shapes.scale[c] = squashScale(sorted, shapes.centre[c])
    }
  }
  return shapes
}

const shown = ['none', 'log', 'squash'] as const

/** What was decided, by name of the features that left it open: what a person is told. */
export function decidedTransforms(plan: FeaturePlan, { kind }: Shapes): Readonly<Record<string, string>> {
  const open = plan.features.filter(({ spec }) => spec.transform.kind === 'auto')
  return Object.fromEntries(open.map(({ spec, firstColumn }) => [spec.name, shown[kind[firstColumn]]]))
}

/** Bends rows (IN and OUT) as plain shapes gave them; what is missing stays so. */
export function bendRows(shapes: Shapes, rows: Float64Array, n: number): void {
  const d = shapes.kind.length
  for (let c = 0; c < d; c++) {
    if (shapes.kind[c] === ShapeKind.plain) continue
    for (let i = 0, at = c; i < n; i++, at += d) if (!Number.isNaN(rows[at])) rows[at] = bent(shapes, c, rows[at])
  }
}

/** Of what the birth would keep: one absurd value must not decide. */
function logHalvesSkewness(sorted: Float64Array): boolean {
  const { low, high } = sampleFences(sorted, robustSpread(sorted, quantileOf(sorted, 0.5)).reach)
  const kept = sorted.map((x) => clamp(x, low, high))
  const plain = Math.abs(skewness(kept))
  const log: Shapes = { ...plainShapes(1), kind: Uint8Array.of(ShapeKind.log) }
  return plain >= leastSkewness && Math.abs(skewness(kept.map((x) => bent(log, 0, x)))) < plain / 2
}

/** The third standardised moment; 0 where nothing varies. Differences are divided first, so that nothing overflows. */
function skewness(values: Float64Array): number {
  const mean = meanOf(values)
  const furthest = values.reduce((most, x) => Math.max(most, Math.abs(x - mean)), 0)
  if (!(furthest > 1e-12 * Math.abs(mean))) return 0
  let second = 0
  let third = 0
  for (const x of values) {
    const u = (x - mean) / furthest
    second += u * u
    third += u * u * u
  }
  return third / values.length / (second / values.length) ** 1.5
}

/** The quartile range as a standard deviation; that itself where half of the sample is nearly one value. */
function squashScale(sorted: Float64Array, median: number): number {
  const within = sorted.map((x) => clamp(x, -largestValue, largestValue))
  const mean = meanOf(within)
  const deviation = Math.sqrt(meanOf(within.map((x) => (x - mean) ** 2)))
  const quartile = (quantileOf(within, 0.75) - quantileOf(within, 0.25)) / normalQuartileRange
  const scale = quartile > 1e-3 * deviation ? quartile : deviation
  return scale > 1e-9 * Math.max(1, Math.abs(median)) ? scale : Math.max(1, Math.abs(median) * 0.1)
}
