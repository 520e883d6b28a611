/** A cluster as people and other programs read it: where it is, how much of the stream it holds, what is special about it. */
import { z } from 'zod'
import type { FeaturePlan, PlannedFeature } from '../../core/features/feature-plan.ts'
import { categoryName, inUserUnits, spreadInUserUnits } from '../../core/features/user-units.ts'
import { inverseScales, runningSpreads } from '../../core/model/metric.ts'
import type { Model } from '../../core/model/model.ts'
import { sharesOf } from '../../core/shares.ts'
import { differencesInSpreads } from './differences.ts'

/** Features that are told of what stands out. */
export const mostToldFeatures = 3

const share = () => z.number().min(0).max(1)
export const featureValue = z.union([z.number(), z.string(), z.null()])

const centroidPart = z
  .object({
    feature: z.string().meta({ description: 'Name of the feature.' }),
    value: featureValue.meta({
      description:
        "What is typical here, in the user's units: a number, an hour of the day, a day of the week from Monday (0), of a boolean the share of true, or the most frequent category; null: none of the declared ones.",
    }),
    spread: z
      .number()
      .min(0)
      .nullable()
      .meta({ description: 'Standard deviation of the events here, in the same units; null: it is no such number.' }),
  })
  .meta({ description: 'One feature of a centroid.' })

const standingOut = z
  .object({
    feature: z.string().meta({ description: 'Name of the feature.' }),
    value: featureValue.meta({ description: "What is typical here, in the user's units." }),
    whole: featureValue.meta({ description: 'What is typical of all events.' }),
    spreads: z
      .number()
      .min(0)
      .meta({ description: 'How far the two lie apart, in running standard deviations of the feature.' }),
    category: z
      .object({
        name: z.string().meta({ description: 'The category.' }),
        share: share().meta({ description: 'Its share of the events here.' }),
        wholeShare: share().meta({ description: 'Its share of all events.' }),
      })
      .nullable()
      .meta({ description: 'Of categories, the one whose share differs most; null: the feature has none.' }),
  })
  .meta({ description: 'A feature in which the cluster differs from the whole.' })

export const clusterViewSchema = z
  .object({
    id: z.int().min(0).meta({ description: 'Stable id: what assignments name. It is never given to another cluster.' }),
    share: share().meta({ description: 'Its share of the events, the newest counting most.' }),
    weight: z.number().min(0).meta({ description: 'Its number of events, each counting half after a half-life.' }),
    spread: z.number().min(0).meta({
      description:
        'Root mean square distance of its events to the centroid, as `distance` of an assignment is measured.',
    }),
    bornVersion: z.int().min(1).meta({ description: 'The first version that had it.' }),
    shapedVersion: z
      .int()
      .min(1)
      .meta({ description: 'The version in which a refit last gave the centroid its place.' }),
    parents: z.array(z.int().min(0)).meta({
      description:
        'Clusters that its first events came from, the largest part first; [] where they are not remembered.',
    }),
    centroid: z.array(centroidPart).meta({ description: 'What is typical here, for every feature.' }),
    standsOut: z
      .array(standingOut)
      .max(mostToldFeatures)
      .meta({ description: 'The features in which it differs most from all events, the largest difference first.' }),
  })
  .meta({ id: 'Cluster', description: 'One cluster of a version of the model.' })

export type ClusterView = z.infer<typeof clusterViewSchema>

/** Every cluster of a version, in the model's order. */
export function clusterViews(model: Model, plan: FeaturePlan): ClusterView[] {
  const { k, clusters, ids, bornVersions, upkeep, shapes } = model
  const shares = sharesOf(clusters.weight)
  const factors = inverseScales(upkeep, runningSpreads(model))
  return Array.from({ length: k }, (_, j) => ({
    id: ids[j],
    share: shares[j],
    weight: clusters.weight[j],
    spread: spreadOf(model, j, factors),
    bornVersion: bornVersions[j],
    shapedVersion: upkeep.shapedVersions[j],
    parents: parentsOf(model, ids[j]),
    centroid: plan.features.map((feature) => ({
      feature: feature.spec.name,
      value: inUserUnits(feature, shapes, clusters.mean, j * model.d),
      spread: spreadInUserUnits(feature, shapes, clusters, j),
    })),
    standsOut: standingOutOf(model, plan, j),
  }))
}

/** Root of the mean squared distance of the events of cluster j: in roots, so that nothing on the way leaves the numbers. */
function spreadOf({ clusters: { weight, m2 }, d }: Model, j: number, factors: Float64Array): number {
  if (!(weight[j] > 0)) return 0
  const columns = Array.from(factors, (factor, c) => (Math.sqrt(m2[j * d + c]) / Math.sqrt(weight[j])) * factor)
  return Math.min(Math.hypot(...columns), Number.MAX_VALUE)
}

function parentsOf({ upkeep: { changes } }: Model, id: number): number[] {
  const birth = changes.findLast((of) => of.id === id && (of.kind === 'born' || of.kind === 'split'))
  return birth?.relatives.map((relative) => relative.id) ?? []
}

function standingOutOf(model: Model, plan: FeaturePlan, j: number): ClusterView['standsOut'] {
  const { clusters, whole, shapes, d } = model
  const spreads = differencesInSpreads(model, plan, clusters.mean, j * d, whole.mean, 0)
  return Array.from(spreads.keys())
    .filter((f) => spreads[f] > 0)
    .sort((a, b) => spreads[b] - spreads[a] || a - b)
    .slice(0, mostToldFeatures)
    .map((f) => ({
      feature: plan.features[f].spec.name,
      value: inUserUnits(plan.features[f], shapes, clusters.mean, j * d),
      whole: inUserUnits(plan.features[f], shapes, whole.mean, 0),
      spreads: spreads[f],
      category: categoryThatDiffers(model, plan.features[f], j),
    }))
}

/** Of each category a column holds √½ for events that are of it, and 0 for others. */
function categoryThatDiffers(
  { clusters, whole, d }: Model,
  feature: PlannedFeature,
  j: number,
): ClusterView['standsOut'][number]['category'] {
  const { kind } = feature.spec.transform
  if (kind !== 'oneHot' && kind !== 'hash') return null
  const shareIn = (mean: Float64Array, from: number, c: number) =>
    Math.min(Math.max(mean[from + feature.firstColumn + c] / Math.SQRT1_2, 0), 1)
  const all = Array.from({ length: feature.columns }, (_, c) => ({
    name: categoryName(feature, c),
    share: shareIn(clusters.mean, j * d, c),
    wholeShare: shareIn(whole.mean, 0, c),
  }))
  const change = (of: (typeof all)[number]) => Math.abs(of.share - of.wholeShare)
  return all.reduce((most, of) => (change(of) > change(most) ? of : most))
}
