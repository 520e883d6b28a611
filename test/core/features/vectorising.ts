/** From events to rows in one step, for tests: JSON or Avro through its projection, then vectorised. */
import { expect } from 'vitest'
import { avroProjection } from '../../../src/core/avro/avro-projection.ts'
import { type FeaturePlan, planFeatures } from '../../../src/core/features/feature-plan.ts'
import type { FeatureSpec, Transform } from '../../../src/core/features/features.ts'
import { chooseShapes } from '../../../src/core/features/shape-choice.ts'
import { type ColumnBounds, vectorise } from '../../../src/core/features/vectorise.ts'
import { FieldColumns, type Projection } from '../../../src/core/fields/fields.ts'
import { invalidReasons } from '../../../src/core/fields/invalid.ts'
import { jsonProjection } from '../../../src/core/fields/json-projection.ts'
import { eventsOf } from '../fields/projecting.ts'

const maxEventBytes = 1 << 20

export interface Vectors {
  /** Of each valid event its row. */
  readonly rows: readonly (readonly number[])[]
  /** Of each row the event. */
  readonly eventOf: readonly number[]
  /** Of each event why it is invalid, or 'valid'. */
  readonly reasons: readonly string[]
  readonly clipped: number
}

/** A feature on the field of its own name, for which a missing value is the mean. */
export function feature(name: string, transform: Transform, change: Partial<FeatureSpec> = {}) {
  return { name, field: name, transform, weight: 1, missing: 'mean', ...change } as const satisfies FeatureSpec
}

export function planOf(
  features: readonly FeatureSpec[],
  time: string | null = null,
  timeUnitMs = 1,
  id = 'id',
): FeaturePlan {
  return planFeatures({ id, time, timeUnitMs, features })
}

/** No fences, `fill` where a value is missing, and the shapes that need no sample. */
export function unbounded(plan: FeaturePlan, fill = 0): ColumnBounds {
  const d = plan.columns.length
  return {
    low: new Float64Array(d).fill(-Number.MAX_VALUE),
    high: new Float64Array(d).fill(Number.MAX_VALUE),
    fill: new Float64Array(d).fill(fill),
    shapes: chooseShapes(plan, new Float64Array(0), 0),
  }
}

export function vectorsOf(
  plan: FeaturePlan,
  projection: Projection,
  values: readonly Uint8Array[],
  bounds = unbounded(plan),
): Vectors {
  const d = plan.columns.length
  const events = eventsOf(values)
  const fields = new FieldColumns(values.length, plan.fields.length)
  // What an earlier chunk left behind must not show.
  fields.length.fill(5)
  fields.start.fill(1)
  fields.number.fill(-77)
  const rows = new Float64Array(values.length * d).fill(-99)
  const eventOf = new Int32Array(values.length)
  projection.project(events, 0, values.length, fields)
  const { valid, clipped } = vectorise(plan, fields, events.bytes, values.length, bounds, rows, eventOf)
  return {
    rows: Array.from({ length: valid }, (_, i) => [...rows.subarray(i * d, (i + 1) * d)]),
    eventOf: [...eventOf.subarray(0, valid)],
    reasons: Array.from(fields.reason, (code) => invalidReasons[code]),
    clipped,
  }
}

/** Of events that are given as what JSON.stringify takes, or as JSON texts. */
export function jsonVectors(plan: FeaturePlan, events: readonly unknown[], bounds = unbounded(plan)): Vectors {
  const values = events.map((event) => Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)))
  return vectorsOf(plan, jsonProjection(plan.fields, { maxEventBytes }), values, bounds)
}

/** Of bare Avro values of a schema. */
export function avroVectors(plan: FeaturePlan, schema: object, values: readonly Uint8Array[]): Vectors {
  const options = { framing: 'bare', schema: JSON.stringify(schema), maxEventBytes } as const
  return vectorsOf(plan, avroProjection(plan.fields, options), values)
}

/** The row of one event with one feature `x`, or the reason why it has none. */
export function row(transform: Transform, x: unknown): readonly number[] | string {
  const { rows, reasons } = jsonVectors(planOf([feature('x', transform)]), [{ id: 'e', x }])
  return rows[0] ?? reasons[0]
}

export function expectClose(actual: readonly number[] | string, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length)
  expected.forEach((value, i) => {
    expect(Number(actual[i])).toBeCloseTo(value, 9)
  })
}
