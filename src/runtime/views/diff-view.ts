/** What differs between two versions of one model: clusters that came, went and moved. */
import { z } from 'zod'
import type { FeaturePlan } from '../../core/features/feature-plan.ts'
import { inUserUnits } from '../../core/features/user-units.ts'
import { inverseScales, runningSpreads } from '../../core/model/metric.ts'
import type { Model } from '../../core/model/model.ts'
import { sharesOf } from '../../core/shares.ts'
import { featureValue, mostToldFeatures } from './cluster-view.ts'
import { differencesInSpreads } from './differences.ts'
import { type VersionView, versionViewSchema } from './version-view.ts'

const share = () => z.number().min(0).max(1)

const movedFeature = z
  .object({
    feature: z.string().meta({ description: 'Name of the feature.' }),
    before: featureValue.meta({ description: "What was typical of the cluster, in the user's units." }),
    after: featureValue.meta({ description: 'What is typical of it in the later version.' }),
    spreads: z.number().min(0).meta({ description: 'How far the two lie apart, in running standard deviations.' }),
  })
  .meta({ description: 'A feature in which a centroid has moved.' })

const movedCluster = z
  .object({
    id: z.int().min(0).meta({ description: 'The cluster, which both versions have.' }),
    moved: z
      .number()
      .min(0)
      .meta({ description: 'How far its centroid has moved, as `distance` of an assignment is measured.' }),
    shareBefore: share().meta({ description: 'Its share of the events in the one version,' }),
    shareAfter: share().meta({ description: 'and in the other.' }),
    features: z
      .array(movedFeature)
      .max(mostToldFeatures)
      .meta({ description: 'The features in which it has moved most, the largest way first.' }),
  })
  .meta({ description: 'A cluster that both versions have.' })

export const diffViewSchema = z
  .object({
    from: versionViewSchema,
    to: versionViewSchema,
    born: z.array(z.int().min(0)).meta({ description: 'Clusters that only the second version has.' }),
    died: z.array(z.int().min(0)).meta({ description: 'Clusters that only the first version has.' }),
    clusters: z
      .array(movedCluster)
      .meta({ description: 'Clusters that both have, the one that moved farthest first.' }),
  })
  .meta({ id: 'Diff', description: 'What differs between two versions.' })

export type DiffView = z.infer<typeof diffViewSchema>

/** A version with the line that a list has for it. */
export interface Told {
  readonly model: Model
  readonly view: VersionView
}

/** Two versions of one life and one configuration; distances are measured as the second measures them. */
export function diffView(from: Told, to: Told, plan: FeaturePlan): DiffView {
  const [before, after] = [from.model, to.model]
  const ids = (model: Model) => Array.from(model.ids)
  const kept = ids(after).filter((id) => before.ids.includes(id))
  const common: Common = {
    before,
    after,
    sharesBefore: sharesOf(before.clusters.weight),
    sharesAfter: sharesOf(after.clusters.weight),
    factors: inverseScales(after.upkeep, runningSpreads(after)),
  }
  return {
    from: from.view,
    to: to.view,
    born: ids(after).filter((id) => !kept.includes(id)),
    died: ids(before).filter((id) => !kept.includes(id)),
    clusters: kept.map((id) => movementOf(id, common, plan)).sort((a, b) => b.moved - a.moved || a.id - b.id),
  }
}

/** What is the same for all clusters. */
interface Common {
  readonly before: Model
  readonly after: Model
  readonly sharesBefore: Float64Array
  readonly sharesAfter: Float64Array
  readonly factors: Float64Array
}

function movementOf(
  id: number,
  { before, after, sharesBefore, sharesAfter, factors }: Common,
  plan: FeaturePlan,
): DiffView['clusters'][number] {
  const [i, j] = [before.ids.indexOf(id), after.ids.indexOf(id)]
  const { d } = after
  const [a, b] = [before.clusters.mean, after.clusters.mean]
  const ways = Array.from(factors, (factor, c) => (b[j * d + c] - a[i * d + c]) * factor)
  const spreads = differencesInSpreads(after, plan, a, i * d, b, j * d)
  return {
    id,
    moved: Math.min(Math.hypot(...ways), Number.MAX_VALUE),
    shareBefore: sharesBefore[i],
    shareAfter: sharesAfter[j],
    features: Array.from(spreads.keys())
      .filter((f) => spreads[f] > 0)
      .sort((x, y) => spreads[y] - spreads[x] || x - y)
      .slice(0, mostToldFeatures)
      .map((f) => ({
        feature: plan.features[f].spec.name,
        before: inUserUnits(plan.features[f], before.shapes, a, i * d),
        after: inUserUnits(plan.features[f], after.shapes, b, j * d),
        spreads: spreads[f],
      })),
  }
}
