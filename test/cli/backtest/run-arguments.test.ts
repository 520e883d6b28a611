import { expect, test } from 'vitest'
import type { RunOptions } from '../../../src/cli/backtest/one-run.ts'
import { argumentsOf } from '../../../src/cli/backtest/run-arguments.ts'

const plain: RunOptions = { file: null, ignore: [], set: [], batch: 1000, warmup: 0, partitions: 1 }
const usual = ['--batch', '1000', '--warmup', '0', '--partitions', '1']

test('a run is started with what was asked for', () => {
  const set = [{ key: 'clusters.k', variable: 'SHOAL_CLUSTERS_K', text: '8' }]
  const ofFile = { ...plain, file: '/f.csv', label: 'y', ignore: ['a', 'b*'], set, shuffle: 0 }
  const [path, ...options] = argumentsOf(ofFile)
  expect(path).toBe('/f.csv')
  for (const pair of [
    ['--label', 'y'],
    ['--shuffle', '0'],
    ['--ignore', 'a'],
    ['--ignore', 'b*'],
    ['--set', 'clusters.k=8'],
  ]) {
    expect(options.join(' ')).toContain(pair.join(' '))
  }
  expect(options).toHaveLength(usual.length + 10)
})

test('a time is written so that it is read as the same, the beginning of 1970 too', () => {
  expect(argumentsOf({ ...plain, topic: 't', since: 0, until: 1_000 })).toEqual([
    ...['--topic', 't'],
    ...usual,
    ...['--since', '1970-01-01T00:00:00.000Z', '--until', '1970-01-01T00:00:01.000Z'],
  ])
})

test('a file is named so that a process in another folder finds it', () => {
  expect(argumentsOf({ ...plain, file: 'f.csv' })[0]).toBe(`${process.cwd()}/f.csv`)
})
