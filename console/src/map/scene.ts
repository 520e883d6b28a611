/** What the map shows at a moment: it comes from the API, and on the way from one answer to the next lies between them. */
import type { MapView } from '../../../src/http/map/map.ts'
import type { TrailsView } from '../../../src/http/map/trails.ts'

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
  /** Where each cluster has been, oldest first, by versions of the last hour. */
  readonly trails: Trails
}

interface Waypoint extends Place {
  readonly version: number
}

export type Trails = ReadonlyMap<number, readonly Waypoint[]>

export const noTrails: Trails = new Map()

/** More crosses than these hide what they stand on. */
const mostAnomalies = 300

/** The map without all but the newest anomalies: its sample holds more of them than the stream does. */
export function withFewerAnomalies(map: MapView): MapView {
  const known = map.events.filter(({ anomalous }) => anomalous).length
  let tooMany = known - mostAnomalies
  return { ...map, events: map.events.filter(({ anomalous }) => !anomalous || tooMany-- <= 0) }
}

export function sceneOf(map: MapView, trails: Trails): Scene {
  const spots = new Map<number, Spot[]>()
  for (const { x, y, cluster, anomalous, eventId } of map.events) {
    const own = spots.get(cluster) ?? []
    own.push({ x, y, anomalous, eventId })
    spots.set(cluster, own)
  }
  return { spots, trails, centroids: new Map(map.clusters.map(({ id, x, y, share }) => [id, { x, y, share }])) }
}

/** By cluster, without the versions that did not have it. */
export function trailsOf({ versions, clusters }: TrailsView): Trails {
  return new Map(
    clusters.map(({ id, x, y }) => [
      id,
      versions.flatMap(({ version }, i) => {
        const [atX, atY] = [x[i], y[i]]
        return atX == null || atY == null ? [] : [{ version, x: atX, y: atY }]
      }),
    ]),
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
    trails: new Map([...to.trails].map(([id, way]) => [id, mixedWay(from.trails.get(id) ?? [], way, mixed)])),
    spots: new Map(
      [...to.spots].map(([id, spots]) => [id, spots.map((of) => ({ ...of, ...mixed(before.get(of.eventId), of) }))]),
    ),
    centroids: new Map([...to.centroids].map(([id, of]) => [id, { ...of, ...mixed(from.centroids.get(id), of) }])),
  }
}

function mixedWay(
  from: readonly Waypoint[],
  to: readonly Waypoint[],
  mixed: (a: Place | undefined, b: Place) => Place,
): readonly Waypoint[] {
  const before = new Map(from.map((of) => [of.version, of]))
  return to.map((of) => ({ ...of, ...mixed(before.get(of.version), of) }))
}
