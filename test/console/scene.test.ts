/** What the map shows between two answers of the API: trails by version, and a window that moves with what is seen through it. */
import { expect, test } from 'vitest'
import { type Frame, frameBetween } from '../../console/src/map/frame.ts'
import { between, sceneOf, trailsOf } from '../../console/src/map/scene.ts'
import type { MapView } from '../../src/http/map/map.ts'

const version = (number: number) => ({ version: number, publishedAtMs: number })

function mapAt(x: number): MapView {
  const event = { x, y: 0, eventId: 'e1', cluster: 4, rarity: 0.5, anomalous: false, atMs: 0 }
  const axes = { x: [], y: [] }
  return { version: 9, planeVersion: 1, axes, former: null, clusters: [{ id: 4, x, y: 0, share: 1 }], events: [event] }
}

test('a trail leaves out the versions that did not have the cluster', () => {
  const told = { planeVersion: 1, versions: [version(3), version(5), version(8)] }
  const trails = trailsOf({ ...told, clusters: [{ id: 4, x: [null, 1, 2], y: [null, 0, 0] }] })
  expect(trails.get(4)).toEqual([
    { version: 5, x: 1, y: 0 },
    { version: 8, x: 2, y: 0 },
  ])
})

test('half way to another plane all that both have is half way, trails too, and what is new stands where it belongs', () => {
  const trails = (x: number, last: number) =>
    trailsOf({ planeVersion: 1, versions: [version(5), version(last)], clusters: [{ id: 4, x: [x, x], y: [0, 0] }] })
  const half = between(sceneOf(mapAt(0), trails(0, 8)), sceneOf(mapAt(10), trails(10, 9)), 0.5)
  expect(half.centroids.get(4)?.x).toBe(5)
  expect(half.spots.get(4)?.[0].x).toBe(5)
  expect(half.trails.get(4)?.map(({ x }) => x)).toEqual([5, 10])
})

test('a window of another size is another one at once, and one of the same is reached by the way', () => {
  const from: Frame = { x: 0, y: 0, scale: 1, width: 100, height: 50 }
  const to: Frame = { x: 10, y: 20, scale: 4, width: 100, height: 50 }
  expect(frameBetween(from, to, 0.5)).toEqual({ ...to, x: 5, y: 10, scale: 2 })
  expect(frameBetween(from, to, 1)).toBe(to)
  expect(frameBetween({ ...from, width: 90 }, to, 0.5)).toBe(to)
  expect(frameBetween(null, to, 0)).toBe(to)
})
