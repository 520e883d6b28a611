/** `shoal promote` on the embedded log, beside two deployments that work. */
import { expect, test } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import { bothAtWork } from './both-at-work.ts'
import { commandLine } from './command-line.ts'

const features =
  'input: { topic: events, format: json, id: id, time: null }\nfeatures: [{ field: x }]\nclusters: { k: 2 }\n'
const blue = commandLine(`name: blue\n${features}anomalies: { rarityHalfLifeEvents: 100 }\n`)
const green = commandLine(
  `name: green\n${features}anomalies: { rarityHalfLifeEvents: 100, budget: 0.1 }\nshadow: { of: blue }\n`,
  blue,
)
const services = bothAtWork(
  [blue, green],
  Array.from({ length: 2000 }, (_, i) => `{"id":"e${i}","x":${(i % 2) * 10 + Math.sin(i)}}`),
)

test('names the other deployment’s topics as its own outputs', () => {
  const { topics } = loadConfiguration({ text: 'name: green\nshadow: { of: blue }\n', env: {} })
  const { assignments, anomalies, deadLetters, primary, models, audit, shadowAssignments } = topics
  expect([assignments, anomalies, deadLetters, primary]).toEqual([
    'blue.assignments',
    'blue.anomalies',
    'blue.dead-letters',
    'blue.primary',
  ])
  expect([models, audit, shadowAssignments]).toEqual(['green.models', 'green.audit', 'green.shadow-assignments'])
})

test('says how it stands, refuses without a reason, hands over, and back', async () => {
  const check = await green.shoal(['promote', '--check', '--max-behind', '1000'])
  expect([check.code, check.error]).toEqual([0, ''])
  expect(check.stdout).toMatch(/partition {2}primary .*\n +0 {2}blue +0 +[\d,]+ +\d+\n +1 {2}blue/)
  expect(check.stdout).toMatch(/ready to be promoted/)

  const without = await green.shoal(['promote'])
  expect([without.code, without.error]).toEqual([2, expect.stringContaining('--reason')])

  const there = await green.shoal(['promote', '--reason', 'a test', '--by', 'Zoë', '--json'])
  expect([there.code, there.error]).toEqual([0, ''])
  const told = JSON.parse(there.stdout)
  expect(told).toMatchObject({ name: 'green', handedOver: 2 })
  expect(told.partitions.map((of: { primary: string }) => of.primary)).toEqual(['green', 'green'])

  const back = await blue.shoal(['promote', '--reason', 'another test'])
  expect([back.code, back.error]).toEqual([0, ''])
  expect(back.stdout).toMatch(/blue has all 2 partitions/)

  const audited = await green.shoal(['audit', '--kind', 'command', '--json'])
  expect(JSON.parse(audited.stdout.trim().split('\n').at(-1) ?? '{}')).toMatchObject({ what: 'promote', by: 'Zoë' })
})

test('refuses one that does not run, with what is wrong', async () => {
  await Promise.all(services.splice(1).map((service) => service.stop()))
  await systemClock.yield()
  const { code, error } = await green.shoal(['promote', '--reason', 'a test'])
  expect([code, error]).toEqual([1, expect.stringContaining('green must be running')])
})
