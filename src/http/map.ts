/** The map: clusters and recent events on a plane that stays where it is. */
import { z } from 'zod'
import { type Plane, placeOn, principalPlane } from '../core/kmeans/principal-plane.ts'
import { inverseScales, runningSpreads } from '../core/model/metric.ts'
import { sharesOf } from '../core/shares.ts'
import type { PublishedModel } from '../runtime/model-follower.ts'
import { type Api, servedModel } from './api.ts'

const axis = z
  .array(z.object({ feature: z.string(), weight: z.number().meta({ description: 'Its part in the axis, −1 to 1.' }) }))
  .meta({ description: 'The features that the axis goes along, the largest part first.' })

export const mapSchema = z
  .object({
    version: z.int().meta({ description: 'The version whose clusters these are.' }),
    planeVersion: z.int().meta({ description: 'The version whose centroids the plane goes through.' }),
    axes: z.object({ x: axis, y: axis }),
    clusters: z.array(
      z.object({
        id: z.int(),
        x: z.number(),
        y: z.number(),
        share: z.number().meta({ description: 'Of the events.' }),
      }),
    ),
    events: z
      .array(
        z.object({
          x: z.number(),
          y: z.number(),
          eventId: z.string(),
          cluster: z.int(),
          rarity: z.number(),
          anomalous: z.boolean(),
          atMs: z.number(),
        }),
      )
      .meta({ description: 'A sample of the events that this process has scored of late, oldest first.' }),
  })
  .meta({ id: 'Map', description: 'Clusters and recent events on a plane, in spreads.' })

export type MapView = z.output<typeof mapSchema>

interface Chart {
  readonly bornAtMs: number
  readonly version: number
  readonly plane: Plane
  /** What a column is multiplied by before it is placed. */
  readonly scale: Float64Array
}

const toldFeatures = 3

export class MapOfClusters {
  private chart: Chart | null = null

  async draw(api: Api, signal: AbortSignal): Promise<MapView> {
    const published = servedModel(api)
    const { model } = published.scorer
    const chart = await this.chartOf(api, published, signal)
    const { scale, plane } = chart
    const placed = (row: ArrayLike<number>, from: number) => {
      const scaled = Float64Array.from(scale, (factor, c) => row[from + c] * factor)
      return placeOn(plane, scaled, 0)
    }
    const shares = sharesOf(model.clusters.weight)
    const axisOf = (along: Float64Array) => featuresAlong(along, api)
    return {
      version: model.version,
      planeVersion: chart.version,
      axes: { x: axisOf(plane.x), y: axisOf(plane.y) },
      clusters: Array.from(model.ids, (id, j) => {
        const [x, y] = placed(model.clusters.mean, j * model.d)
        return { id, x, y, share: shares[j] }
      }),
      events: [...api.service.insight.events.all()]
        .sort((a, b) => a.atMs - b.atMs)
        .map(({ row, eventId, cluster, rarity, isAnomalous, atMs }) => {
          const [x, y] = placed(row, 0)
          return { x, y, eventId, cluster, rarity, anomalous: isAnomalous, atMs }
        }),
    }
  }

  /** The first version is kept for ever, so every process draws the same plane; where it is gone, the one that serves. */
  private async chartOf(api: Api, served: PublishedModel, signal: AbortSignal): Promise<Chart> {
    const { bornAtMs } = served.scorer.model
    if (this.chart?.bornAtMs === bornAtMs) return this.chart
    const { scorer } = (await api.service.versions.read(1, signal)) ?? served
    const { model, version } = scorer
    const scale = inverseScales(model.upkeep, runningSpreads(model))
    const points = model.clusters.mean.map((value, at) => value * scale[at % model.d])
    const plane = principalPlane(points, model.clusters.weight, model.d)
    this.chart = { bornAtMs, version, plane, scale }
    return this.chart
  }
}

function featuresAlong(along: Float64Array, { settings: { plan } }: Api): { feature: string; weight: number }[] {
  return plan.features
    .map(({ spec, firstColumn, columns }) => {
      const own = Array.from(along.subarray(firstColumn, firstColumn + columns))
      const largest = own.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
      return { feature: spec.name, weight: largest }
    })
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
    .slice(0, toldFeatures)
}
