/** `shoal reference build`: what the service looks for drift beside, from its first event on. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/kmeans/random.ts'
import { until } from '../pipeline/harness.ts'
import { type CommandLine, commandLine } from './command-line.ts'
import { input, serve } from './service-beside.ts'

const yaml = `
input: { format: json, time: null }
features: [{ field: x, transform: none }, { field: y, transform: none }]
clusters: { k: 3 }
bootstrap: { minEvents: 300 }
drift: { windowEvents: 200 }
models: { publishEveryMs: 20 }
`
const hourMs = 3_600_000
/** Nobody trains yet, so nothing is waited for. */
const usual = ['--reason', 'usual', '--wait', '1ms']

/** Rows around three places, all moved by `shift` in x. */
function rowsOf(n: number, shift: number, seed = 1): readonly (readonly [number, number])[] {
  const random = new Random(seed)
  return Array.from({ length: n }, () => [10 * random.below(3) + shift + random.gaussian(), random.gaussian()])
}

const csvOf = (n: number, shift: number) =>
  ['x,y,at', ...rowsOf(n, shift).map(([x, y], i) => `${x},${y},${(i * 5 * 24 * hourMs) / n}`), ''].join('\n')

/** Runs the service until the newest version has learned so many events; gives the kinds that were told. */
async function served(line: CommandLine, events: number): Promise<readonly string[]> {
  serve(line)
  const learned = async () => JSON.parse((await line.shoal(['drift', '--json'])).stdout)
  await until(
    async () => (await learned()).model.trainedEvents >= events,
    () => 'all events learned',
  )
  return (await learned()).events.map(({ kind }: { kind: string }) => kind)
}

describe('a service that starts', () => {
  it('tells of no drift where events are like the reference that was built from a file', async () => {
    const line = commandLine(yaml)
    await input(line, rowsOf(6000, 4, 2), 1)
    await line.shoal(['train', line.file('old.csv', csvOf(4000, 0)), '--ignore', 'at'])
    const built = await line.shoal([
      ...['reference', 'build', line.file('new.csv', csvOf(5000, 4)), '--time', 'at', '--ignore', 'at'],
      ...['--by', 'Zoë', '--json', ...usual],
    ])
    expect([built.error, built.code]).toEqual(['', 0])
    expect(JSON.parse(built.stdout)).toMatchObject({
      ...{ events: 5000, invalid: {}, referenceEvents: 5000, windows: 25, knownHours: 24, name: 'shoal', done: [null] },
    })
    expect(await served(line, 10_000)).toEqual(['command.reference'])
  })

  it('tells of it where they are not', async () => {
    const line = commandLine(yaml)
    await input(line, rowsOf(6000, 4, 2), 1)
    await line.shoal(['train', line.file('old.csv', csvOf(4000, 0)), '--ignore', 'at'])
    await line.shoal(['reference', 'build', line.file('same.csv', csvOf(5000, 0)), '--ignore', 'at', ...usual])
    const kinds = await served(line, 10_000)
    expect(kinds.slice(0, 2)).toEqual(['command.reference', 'drift.featureOnly'])
  })

  it('compares with what a topic retains, where that was measured', async () => {
    const line = commandLine(yaml)
    await input(line, rowsOf(6000, 4, 2), 1)
    await line.shoal(['train', line.file('old.csv', csvOf(4000, 0)), '--ignore', 'at'])
    const { stdout } = await line.shoal(['reference', 'build', '--topic', 'transactions', '--rows', '5000', ...usual])
    expect(stdout).toMatch(/^transactions: 5,000 events, measured by version \d+$/m)
    expect(stdout).toMatch(/^the reference is of 5,000 of them, in 25 windows; \d+ of 24 hours are known$/m)
    expect(await served(line, 10_000)).toEqual(['command.reference'])
  })
})

it('who says what is usual, and why, is told with it', async () => {
  const line = commandLine(yaml)
  await input(line, rowsOf(500, 0, 2), 1)
  const csv = line.file('a.csv', csvOf(2000, 0))
  await line.shoal(['train', csv, '--ignore', 'at'])
  await line.shoal([
    'reference',
    'build',
    csv,
    '--ignore',
    'at',
    '--by',
    'Zoë',
    '--reason',
    'the new price list',
    '--wait',
    '1ms',
  ])
  await served(line, 2000)
  await until(
    async () => (await line.shoal(['drift'])).stdout.includes('the new price list (Zoë)'),
    () => 'the command told',
  )
})

it('without a model it is refused, and says how to get one', async () => {
  const line = commandLine(yaml)
  await input(line, rowsOf(10, 0, 2), 1)
  await line.shoal(['topics', '--create'])
  const { code, error } = await line.shoal(['reference', 'build', line.file('a.csv', csvOf(2000, 0)), ...usual])
  expect(code).toBe(1)
  expect(error).toContain('there must be a model of shoal')
})

it('less than a window is refused, and so is a model that does not look for drift', async () => {
  const line = commandLine(yaml)
  await input(line, rowsOf(10, 0, 2), 1)
  await line.shoal(['train', line.file('a.csv', csvOf(2000, 0)), '--ignore', 'at'])
  const few = await line.shoal(['reference', 'build', line.file('b.csv', csvOf(150, 0)), '--ignore', 'at', ...usual])
  expect([few.code, few.error]).toEqual([2, expect.stringContaining('at least 200 valid events: got 150 of 150')])
  const blind = commandLine(`${yaml.replace('windowEvents: 200', 'enabled: false')}`)
  await input(blind, rowsOf(10, 0, 2), 1)
  await blind.shoal(['train', blind.file('a.csv', csvOf(2000, 0)), '--ignore', 'at'])
  const refused = await blind.shoal([
    'reference',
    'build',
    blind.file('b.csv', csvOf(2000, 0)),
    '--ignore',
    'at',
    ...usual,
  ])
  expect([refused.code, refused.error]).toEqual([2, expect.stringContaining('born with drift.enabled false')])
})
