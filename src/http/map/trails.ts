/** Where the clusters were over the last hour, by a few of its versions: a trail for each on the map. */
import { z } from 'zod'
import type { PublishedModel } from '../../runtime/model-follower.ts'
import { type Api, servedModel } from '../api.ts'
import { type ChartBook, placed } from './chart.ts'

const coordinates = (axis: string) =>
  z
    .array(z.number().nullable())
    .meta({ description: `Along ${axis}, to a thousandth of a spread; null: that version did not have the cluster.` })

export const trailsSchema = z
  .object({
    planeVersion: z.int().meta({ description: 'The version whose centroids the plane goes through, as of the map.' }),
    versions: z
      .array(z.object({ version: z.int(), publishedAtMs: z.number() }))
      .meta({ description: 'Versions of the last hour, evenly spread, oldest first.' }),
    clusters: z
      .array(z.object({ id: z.int(), x: coordinates('the first axis'), y: coordinates('the second axis') }))
      .meta({ description: 'Of each cluster that there is now, where it was in each of these versions.' }),
  })
  .meta({ id: 'Trails', description: 'Where the clusters have come from, on the plane of the map.' })

export type TrailsView = z.output<typeof trailsSchema>

/** A version's centroids. */
interface Waypoint {
  readonly version: number
  readonly publishedAtMs: number
  /** By id, which of the centroids is the cluster's. */
  readonly placeOf: ReadonlyMap<number, number>
  /** k × d. */
  readonly means: Float64Array
}

const spanMs = 3_600_000
const mostPoints = 48
/** Of a young model the hour is what there is of it. */
const leastStepMs = 15_000

export class Trails {
  private points: readonly Waypoint[] = []
  private bornAtMs = Number.NaN

  async draw(api: Api, book: ChartBook, signal: AbortSignal): Promise<TrailsView> {
    const served = servedModel(api)
    const { now } = await book.of(api, served, signal)
    const points = await this.upTo(served, api, signal)
    const { ids, d } = served.scorer.model
    const clusters = Array.from(ids, (id) => {
      const places = points.map((point) => {
        const j = point.placeOf.get(id)
        return j === undefined ? null : placed(now, point.means, j * d)
      })
      return { id, x: places.map((at) => rounded(at?.[0])), y: places.map((at) => rounded(at?.[1])) }
    })
    const versions = points.map(({ version, publishedAtMs }) => ({ version, publishedAtMs }))
    return { planeVersion: now.version, versions, clusters }
  }

  /** The versions that serve while somebody looks are noted as they come; what is missing before them is read from the log. */
  private async upTo(served: PublishedModel, api: Api, signal: AbortSignal): Promise<readonly Waypoint[]> {
    const { bornAtMs } = served.scorer.model
    const own = this.bornAtMs === bornAtMs ? this.points : []
    const atMs = served.publishedAtMs
    const sinceMs = atMs - spanMs
    const stepMs = Math.max(leastStepMs, Math.min(spanMs, atMs - bornAtMs) / mostPoints)
    const behindMs = atMs - (own.at(-1)?.publishedAtMs ?? Number.NEGATIVE_INFINITY)
    const isNew = own.at(-1)?.version !== served.scorer.version
    let points = own
    if (isNew && behindMs > 4 * stepMs) {
      points = await api.service.versions.spread({ sinceMs, most: mostPoints }, waypointOf, signal)
      if (signal.aborted) return points
    } else if (isNew && behindMs >= stepMs) points = thinned([...own, waypointOf(served)])
    this.points = points.filter(({ publishedAtMs }) => publishedAtMs >= sinceMs)
    this.bornAtMs = bornAtMs
    return this.points
  }
}

/** Each second one, when there have come to be too many. */
function thinned(points: readonly Waypoint[]): readonly Waypoint[] {
  return points.length > 2 * mostPoints ? points.filter((_, i) => i % 2 === 1 || i === 0) : points
}

function waypointOf({ publishedAtMs, scorer: { model } }: PublishedModel): Waypoint {
  const { version, ids, clusters } = model
  const placeOf = new Map(Array.from(ids, (id, j) => [id, j]))
  return { version, publishedAtMs, placeOf, means: Float64Array.from(clusters.mean) }
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(1000 * value) / 1000
}
