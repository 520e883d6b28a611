/** Random pipelines: a format, schemas, features, and a model born from their first events. */
import fc from 'fast-check'
import { avroProjection } from '../../src/core/avro/avro-projection.ts'
import { type FeaturePlan, planFeatures } from '../../src/core/features/feature-plan.ts'
import { type FeatureSpec, type MissingPolicy, profileKinds, type Transform } from '../../src/core/features/features.ts'
import type { Projection } from '../../src/core/fields/fields.ts'
import { jsonProjection } from '../../src/core/fields/json-projection.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { finish } from '../../src/core/kmeans/steps.ts'
import { birth } from '../../src/core/model/birth.ts'
import type { Model } from '../../src/core/model/model.ts'
import { Profiles } from '../../src/core/profiles/profiles.ts'
import { framed } from '../../src/stages/wire-format.ts'
import { pathsInto, typeOf } from '../core/avro/avro-agreement.ts'
import { randomSchema, randomValue, type Schema } from '../core/avro/avro-random.ts'
import { sampleFingerprint } from '../core/model/sample-model.ts'
import { jsonEvent } from './json-grammar.ts'
import { mutated } from './mutation.ts'

export const maxEventBytes = 20_000
export const schemaId = 7
const k = 3

export interface FuzzedPipeline {
  readonly format: 'avro' | 'json'
  readonly plan: FeaturePlan
  readonly projection: Projection
  /** Null for JSON. */
  readonly schema: Schema | null
  readonly model: Model
  /** Null: no feature asks for any. */
  readonly profiles: Profiles | null
  /** The next value of an event, sound or not. */
  value(): Buffer
}

/** Of numbers. */
const numeric: readonly Transform[] = [
  { kind: 'none' },
  { kind: 'none' },
  { kind: 'log' },
  { kind: 'auto' },
  { kind: 'squash' },
  { kind: 'hourOfDay' },
  { kind: 'dayOfWeek' },
  { kind: 'boolean' },
]
/** Of anything. */
const categorical: readonly Transform[] = [
  { kind: 'oneHot', values: ['chip', 'S0', 'true', '7', ''] },
  { kind: 'hash', buckets: 5 },
]
const policies: readonly MissingPolicy[] = ['reject', 'mean', 'mean', 'indicator']

function pick<T>(from: readonly T[], random: Random): T {
  return from[random.below(from.length)]
}

interface Field {
  readonly path: string
  readonly numeric: boolean
}

function randomPlan(
  fields: readonly Field[],
  id: string,
  time: string | null,
  random: Random,
  seed: number,
): FeaturePlan {
  const features = Array.from({ length: 1 + random.below(6) }, (_, i): FeatureSpec => {
    const field = pick(fields, random)
    // Now and then one that the field is not made for.
    const fits = random.below(40) === 0 ? !field.numeric : field.numeric
    const [transform, missing] = [pick(fits ? numeric : categorical, random), pick(policies, random)]
    return {
      name: `feature ${i}`,
      field: field.path,
      transform,
      missing,
      weight: pick([1, 1, 1e-6, 1e6], random),
    }
  })
  const timeUnitMs = pick([1, 1000, 0.001], random)
  return planFeatures({ id, time, timeUnitMs, features: seed % 2 === 0 ? features : profiled(features, fields, seed) })
}

/** Some of the features ask for profiles instead, drawn by themselves: all else of the seed is as it would be without. */
function profiled(features: readonly FeatureSpec[], fields: readonly Field[], seed: number): readonly FeatureSpec[] {
  const random = new Random(seed + 0x9f0f)
  const path = () => pick(fields, random).path
  return features.map((feature) => {
    if (random.below(2) === 0) return feature
    const [entity, as, of] = [path(), pick(profileKinds, random), path()]
    const halfLifeMs = pick([1000, 86_400_000], random)
    const profile = { entity, as, of, latitude: path(), longitude: path(), halfLifeMs }
    return { ...feature, field: of, profile, transform: pick(numeric.slice(0, 5), random) }
  })
}

/** Few, so that some are given up. */
function profilesOf({ profiles }: FeaturePlan): Profiles | null {
  return profiles === null ? null : new Profiles(profiles, { limit: 10, key: profiles.entities[0].field })
}

/** A model of a few rows, among them absurd ones. */
function randomModel(plan: FeaturePlan, random: Random): Model {
  const d = plan.columns.length
  const n = 20
  const rows = Float64Array.from({ length: n * d }, (_, at) => {
    if (plan.columns[at % d].fixedScale !== null) return random.below(2) * Math.SQRT1_2
    return random.below(40) === 0 ? pick([Number.NaN, 1e308, -1e308, 0, 5e-324], random) : 10 * random.gaussian()
  })
  const [halfLifeEvents, rarityHalfLifeEvents] = [pick([1000, Number.POSITIVE_INFINITY], random), 1000]
  const options = { fingerprint: sampleFingerprint, bornAtMs: 1, k, seed: 1, halfLifeEvents, rarityHalfLifeEvents }
  return finish(birth(plan, rows, n, { ...options, budget: 0.05, bornFrom: [{ partition: 0, from: 0, to: 5 }] })).model
}

/** The pipeline of a seed. */
export function fuzzedPipeline(seed: number): FuzzedPipeline {
  const random = new Random(seed)
  return random.below(2) === 0 ? jsonPipeline(random, seed) : avroPipeline(random, seed)
}

function jsonPipeline(random: Random, seed: number): FuzzedPipeline {
  const fields = ['amount', 'balance', 'at', 'a.b', 'a.c.d', 'channel', 'online'].map((path, i) => ({
    path,
    numeric: i < 5,
  }))
  const plan = randomPlan(fields, 'id', random.below(2) === 0 ? 'at' : null, random, seed)
  const wanted = ['id', ...fields.map(({ path }) => path)]
  const pool: Buffer[] = [Buffer.from(jsonEvent(wanted, random))]
  const value = () => {
    const fresh = Buffer.from(jsonEvent(wanted, random))
    if (pool.length < 50) pool.push(fresh)
    return random.below(3) === 0 ? mutated(fresh, pool, random) : fresh
  }
  const projection = jsonProjection(plan.fields, { maxEventBytes })
  const [profiles, model] = [profilesOf(plan), randomModel(plan, random)]
  return { format: 'json', plan, projection, schema: null, model, profiles, value }
}

function avroPipeline(random: Random, seed: number): FuzzedPipeline {
  const [schema] = fc.sample(randomSchema, { seed, numRuns: 1 })
  const type = typeOf(schema)
  const values = fc
    .sample(randomValue(schema), { seed, numRuns: 20 })
    .map((value) => framed(schemaId, type.toBuffer(value)))
  const paths = pathsInto(schema, new Map(), 4)
  const absent: Field = { path: 'absent', numeric: true }
  const scalar = [...paths.filter((path) => path.scalar), absent]
  const wanted = random.below(20) === 0 ? [...paths, absent] : scalar
  const id = pick(random.below(20) === 0 ? wanted : scalar.slice(0, Math.max(1, scalar.length - 1)), random).path
  const plan = randomPlan(wanted, id, random.below(8) === 0 ? pick(scalar, random).path : null, random, seed)
  const projection = avroProjection(plan.fields, { framing: 'registry', maxEventBytes })
  projection.resolve(schemaId, { type: 'AVRO', text: JSON.stringify(schema), references: [] })
  const value = () => {
    const valid = pick(values, random)
    return random.below(5) < 2 ? valid : mutated(valid, values, random)
  }
  const [profiles, model] = [profilesOf(plan), randomModel(plan, random)]
  return { format: 'avro', plan, projection, schema, model, profiles, value }
}
