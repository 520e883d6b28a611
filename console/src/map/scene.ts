/** What the map shows at a moment: it comes from the API, and on the way from one answer to the next lies between them. */
import type { MapView } from '../../../src/http/map.ts'

export interface Place {
  readonly x: number
  readonly y: number
}

export interface Spot extends Place {
  readonly eventId: string
  readonly anomalous: boolean
}

export interface Scene {
  /** Events by cluster. */
  readonly spots: ReadonlyMap<number, readonly Spot[]>
  readonly centroids: ReadonlyMap<number, Place & { readonly share: number }>
  /** Where each cluster has come from since the page was opened, oldest first. */
  readonly trails: ReadonlyMap<number, readonly Place[]>
}

const longestTrail = 120
/** Nearer than this, in spreads, is no way. */
const leastStep = 0.004

/** More crosses than these hide what they stand on. */
const mostAnomalies = 300

/** The map without all but the newest anomalies: its sample holds more of them than the stream does. */
export function withFewerAnomalies(map: MapView): MapView {
  const known = map.events.filter(({ anomalous }) => anomalous).length
  let tooMany = known - mostAnomalies
  return { ...map, events: map.events.filter(({ anomalous }) => !anomalous || tooMany-- <= 0) }
}

export function sceneOf(map: MapView, trails: Scene['trails']): Scene {
  const spots = new Map<number, Spot[]>()
  for (const { x, y, cluster, anomalous, eventId } of map.events) {
    const own = spots.get(cluster) ?? []
    own.push({ x, y, anomalous, eventId })
    spots.set(cluster, own)
  }
  return { spots, trails, centroids: new Map(map.clusters.map(({ id, x, y, share }) => [id, { x, y, share }])) }
}

/** The trails with where the clusters are now; another plane begins them anew. */
export function grownTrails(trails: Scene['trails'], { clusters }: MapView, isNewPlane: boolean): Scene['trails'] {
  return new Map(
    clusters.map(({ id, x, y }) => {
      const before = isNewPlane ? [] : (trails.get(id) ?? [])
      const last = before.at(-1)
      const isMoved = last === undefined || Math.hypot(last.x - x, last.y - y) >= leastStep
      return [id, isMoved ? [...before, { x, y }].slice(-longestTrail) : before]
    }),
  )
}

/** A part of the way from one scene to the next, 0 to 1: what is in both moves, what is new stands where it belongs. */
export function between(from: Scene, to: Scene, part: number): Scene {
  if (part >= 1) return to
  const mixed = (a: Place | undefined, b: Place): Place =>
    a === undefined ? b : { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part }
  const before = new Map<string, Place>()
  for (const spots of from.spots.values()) for (const spot of spots) before.set(spot.eventId, spot)
  return {
    trails: to.trails,
    spots: new Map(
      [...to.spots].map(([id, spots]) => [id, spots.map((of) => ({ ...of, ...mixed(before.get(of.eventId), of) }))]),
    ),
    centroids: new Map([...to.centroids].map(([id, of]) => [id, { ...of, ...mixed(from.centroids.get(id), of) }])),
  }
}
