/** The map: clusters and recent events on a plane that stays where it is. */
import { z } from 'zod'
import { sharesOf } from '../../core/shares.ts'
import { type Api, servedModel } from '../api.ts'
import { axesOn, type Chart, type ChartBook, placed } from './chart.ts'

const axis = z
  .array(z.object({ feature: z.string(), weight: z.number().meta({ description: 'Its part in the axis, −1 to 1.' }) }))
  .meta({ description: 'The features that the axis goes along, the largest part first.' })
const axes = () => z.object({ x: axis, y: axis })
const place = (description: string) => z.object({ x: z.number(), y: z.number() }).meta({ description })

export const mapSchema = z
  .object({
    version: z.int().meta({ description: 'The version whose clusters these are.' }),
    planeVersion: z.int().meta({ description: 'The version whose centroids the plane goes through.' }),
    axes: axes(),
    former: z
      .object({
        version: z.int().meta({ description: 'The version whose centroids it went through.' }),
        axes: axes(),
        x: place('Where one spread along its first axis leads on this plane.'),
        y: place('The same of its second axis.'),
      })
      .nullable()
      .meta({ description: 'The plane before the last drift was accepted; null: there was none.' }),
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

const toldFeatures = 3

export async function drawMap(api: Api, book: ChartBook, signal: AbortSignal): Promise<MapView> {
  const published = servedModel(api)
  const { model } = published.scorer
  const { now, former } = await book.of(api, published, signal)
  const shares = sharesOf(model.clusters.weight)
  return {
    version: model.version,
    planeVersion: now.version,
    axes: axesOf(now, api),
    former: former === null ? null : { version: former.version, axes: axesOf(former, api), ...axesOn(now, former) },
    clusters: Array.from(model.ids, (id, j) => {
      const [x, y] = placed(now, model.clusters.mean, j * model.d)
      return { id, x, y, share: shares[j] }
    }),
    events: [...api.service.insight.events.all()]
      .sort((a, b) => a.atMs - b.atMs)
      .map(({ row, eventId, cluster, rarity, isAnomalous, atMs }) => {
        const [x, y] = placed(now, row, 0)
        return { x, y, eventId, cluster, rarity, anomalous: isAnomalous, atMs }
      }),
  }
}

function axesOf({ plane: { x, y } }: Chart, api: Api): MapView['axes'] {
  return { x: featuresAlong(x, api), y: featuresAlong(y, api) }
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
