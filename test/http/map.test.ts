/** The map's plane: fixed at the birth, and changed by an accepted drift alone; and the trails on it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MapView } from '../../src/http/map/map.ts'
import type { TrailsView } from '../../src/http/map/trails.ts'
import { until } from '../pipeline/harness.ts'
import { type Serving, serving } from './serving.ts'

let world: Serving
beforeAll(async () => {
  world = await serving()
  await world.feed(6000)
})
afterAll(() => world.stop())

const json = async <T>(path: string) => (await (await world.get(path)).json()) as T
const map = () => json<MapView>('/v1/model/map')
const trails = () => json<TrailsView>('/v1/trails')
const findings = ({ api }: Serving) => api.service.follower.current()?.scorer.model.drift.findings ?? []

/** Another stream, until it has been taken for usual. */
async function drifted(of: Serving): Promise<void> {
  for (let i = 0; i < 40 && !findings(of).some(({ accepted }) => accepted); i++) await of.feed(1000, 6)
}

test('before any drift it is the plane of the birth, and each cluster has a trail on it', async () => {
  const { planeVersion, former, clusters } = await map()
  expect([planeVersion, former]).toEqual([1, null])
  const told = await trails()
  expect(told.planeVersion).toBe(1)
  const versions = told.versions.map(({ version }) => version)
  expect(versions.length).toBeGreaterThan(2)
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
  expect(told.clusters.map(({ id }) => id)).toEqual(clusters.map(({ id }) => id))
  for (const { x, y } of told.clusters) expect([x.length, y.length]).toEqual([versions.length, versions.length])
})

test('an accepted drift brings another plane, with the axes of the one before, and trails of the past on it', async () => {
  const before = await map()
  await drifted(world)
  await until(
    async () => (await map()).planeVersion > 1,
    () => 'another plane',
  )
  const { planeVersion, former, clusters } = await map()
  const accepted = findings(world).find((finding) => finding.accepted)
  expect(planeVersion).toBeLessThanOrEqual(accepted?.version ?? 0)
  expect(former).toMatchObject({ version: 1, axes: before.axes })
  const lengths = [former?.x, former?.y].map((axis) => Math.hypot(axis?.x ?? 0, axis?.y ?? 0))
  for (const length of lengths) expect(length).toBeGreaterThan(0)
  const told = await trails()
  expect(told.planeVersion).toBe(planeVersion)
  expect(told.versions[0].version).toBeLessThan(planeVersion)
  // What has moved in the drift has come a long way on the plane of today.
  const ways = told.clusters.map(({ id, x, y }) => {
    const now = clusters.find((cluster) => cluster.id === id)
    const first = x.findIndex((at) => at !== null)
    return Math.hypot((now?.x ?? 0) - (x[first] ?? 0), (now?.y ?? 0) - (y[first] ?? 0))
  })
  expect(Math.max(...ways)).toBeGreaterThan(0.2)
})

test('the version that the plane goes through is kept, however soon others are forgotten', async () => {
  const forgetful = await serving({}, { keep: { allForMs: 0, hourlyForMs: 0, dailyForMs: 0 } })
  try {
    await forgetful.feed(6000)
    await drifted(forgetful)
    const { planeVersion } = (await (await forgetful.get('/v1/model/map')).json()) as MapView
    expect(planeVersion).toBeGreaterThan(1)
    const kept = async () => {
      const { versions } = (await (await forgetful.get('/v1/versions?limit=200')).json()) as {
        versions: readonly { readonly version: number }[]
      }
      return versions.map(({ version }) => version)
    }
    await until(
      async () => {
        await forgetful.feed(500, 6)
        return (await kept()).length < 10
      },
      () => 'few that are kept',
    )
    expect(await kept()).toContain(planeVersion)
  } finally {
    await forgetful.stop()
  }
})
