/** `shoal compare` of two deployments that have dealt with the same events on the embedded log. */
import { beforeAll, expect, test } from 'vitest'
import { compare, type Pair } from '../../src/cli/compare/comparison.ts'
import { bothAtWork } from './both-at-work.ts'
import { commandLine } from './command-line.ts'

const events = 3000
const common = 'input: { topic: events, format: json, id: id, time: null }\nfeatures: [{ field: x }, { field: y }]\n'
/** Four clouds; the second deployment makes two of them. */
const yamls = {
  blue: `name: blue\n${common}clusters: { k: 4 }\nanomalies: { budget: 0.01, rarityHalfLifeEvents: 1000 }\n`,
  green: `name: green\n${common}clusters: { k: 2 }\nanomalies: { budget: 0.05, rarityHalfLifeEvents: 1000 }\nshadow: { of: blue }\n`,
}
const blue = commandLine(yamls.blue)
const green = commandLine(yamls.green, blue)
const files = [blue.file('blue.yaml', yamls.blue), blue.file('green.yaml', yamls.green)] as const
const services = bothAtWork(
  [blue, green],
  Array.from({ length: events }, (_, i) => {
    const [x, y] = [(i % 2) * 20 + Math.sin(3 * i), ((i >> 1) % 2) * 200 + Math.cos(7 * i)]
    return `{"id":"e${i}","x":${x},"y":${y}}`
  }),
)
beforeAll(async () => {
  await Promise.all(services.map((service) => service.stop()))
})

test('tells what both have said of the same events, as JSON', async () => {
  const { code, stdout, error } = await blue.shoal(['compare', ...files, '--json'])
  expect([code, error]).toEqual([0, ''])
  const told = JSON.parse(stdout)
  expect(told).toMatchObject({ events, onlyFirst: 0, onlySecond: 0 })
  expect(told.deployments).toMatchObject([
    { name: 'blue', partitions: 2, k: 4, budget: 0.01 },
    { name: 'green', partitions: 0, k: 2, budget: 0.05 },
  ])
  // Each of two groups is two of the four.
  expect(told.adjustedRand).toBeGreaterThan(0.2)
  expect(told.adjustedRand).toBeLessThan(0.8)
  const sum = told.clusters.reduce((all: number, of: { events: number }) => all + of.events, 0)
  expect(sum).toBe(events)
  const { both, first, second } = told.anomalous
  expect(told.anomalyShare.first).toBeCloseTo((both + first) / events, 10)
  expect(told.anomalyShare.second).toBeCloseTo((both + second) / events, 10)
})

test('tells it to a person, with where the clusters went', async () => {
  const { code, stdout } = await blue.shoal(['compare', ...files, '--events', '1000'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^blue +2 .*\ngreen +0 /m)
  expect(stdout).toMatch(/1,000 events that both have assigned; 0 only blue, 0 only green/)
  expect(stdout).toMatch(/Clusters of blue, and where their events are in green:\n +\d+ +[\d.]+ % █+/)
})

test('refuses two that do not stand beside one another', async () => {
  const alone = blue.file('alone.yaml', yamls.green.replace('shadow: { of: blue }', ''))
  const { code, error } = await blue.shoal(['compare', files[0], alone])
  expect([code, error]).toEqual([2, expect.stringContaining('must stand beside one another')])
})

test('counts by offset what one alone has assigned, what both call anomalous, and names the most unusual', () => {
  const said = (...events: readonly (readonly [number, number, number])[]) => ({
    offset: events.map(([offset]) => offset),
    cluster: events.map(([, cluster]) => cluster),
    score: events.map(([, , score]) => score),
  })
  const first = said([0, 1, 0.1], [1, 1, 0.99], [3, 2, 0.995], [4, 2, 0.999])
  const second = said([0, 7, 0.2], [2, 7, 0.3], [3, 8, 0.4], [4, 8, 0.9999])
  const pair: Pair = {
    partition: 5,
    first: { assignments: first, anomalies: said([1, 1, 0.99], [3, 2, 0.995], [4, 2, 0.999]) },
    second: { assignments: second, anomalies: said([4, 8, 0.9999]) },
  }
  expect(compare([pair], 10)).toEqual({
    events: 3,
    onlyFirst: 1,
    onlySecond: 1,
    adjustedRand: 1,
    clusters: [
      { cluster: 2, events: 2, to: [{ cluster: 8, events: 2 }] },
      { cluster: 1, events: 1, to: [{ cluster: 7, events: 1 }] },
    ],
    anomalous: { both: 1, first: 1, second: 0 },
    anomalyShare: { first: 2 / 3, second: 1 / 3 },
    disputed: [
      {
        ...{ partition: 5, offset: 3, by: 'first', firstScore: 0.995, secondScore: 0.4 },
        ...{ firstCluster: 2, secondCluster: 8 },
      },
    ],
  })
})
