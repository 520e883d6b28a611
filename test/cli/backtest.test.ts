import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { commandLine } from './command-line.ts'

const { shoal, file } = commandLine()

/** Three clusters, a normal value of each column in each, and rows far from all of them. */
function table(rows: number, seed = 1): string {
  const random = new Random(seed)
  const lines = Array.from({ length: rows }, (_, i) => {
    const isFar = i > 0 && i % 100 === 0
    const centre = isFar ? 40 + 20 * random.uniform() : 10 * random.below(3)
    const note = i % 2 === 0 ? 'even' : 'odd'
    return `${centre + random.gaussian()},${centre - random.gaussian()},${note},${i},${isFar ? 1 : 0}`
  })
  return ['x,y,note,meta_row,label', ...lines, ''].join('\n')
}

const found = async (args: readonly string[]) => {
  const { code, stdout, error } = await shoal(['backtest', ...args, '--json'])
  expect(error).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout)
}

const withoutTime = ({ seconds: _, eventsPerSecond: __, microsPerEvent: ___, ...rest }: Record<string, unknown>) => rest

describe('a backtest', () => {
  it('takes every numeric column for a feature that is neither the label nor ignored', async () => {
    const csv = file('numeric.csv', table(1500))
    const { features } = await found([csv, '--label', 'label', '--ignore', 'meta_*'])
    expect(features).toEqual(['x', 'y'])
  })

  it('finds what lies far from all clusters, and says so beside k = 1 and the nearest distance', async () => {
    const csv = file('ranking.csv', table(3000))
    const findings = await found([csv, '--label', 'label', '--ignore', 'meta_*', '--k', '3'])
    expect(findings).toMatchObject({ rows: 3000, scored: 2000, positives: 20, k: 3 })
    expect(findings.auc).toBeGreaterThan(0.99)
    expect(findings.averagePrecision).toBeGreaterThan(0.9)
    expect(findings.baseline.auc).toBeGreaterThan(0.9)
    expect(findings.nearest.averagePrecision).toBeGreaterThan(0.5)
    expect(findings.inertia.ratio).toBeGreaterThan(0.99)
    expect(findings.inertia.windows.count).toBe(2)
    expect(findings.flaggedShare).toBeLessThan(0.05)
  })

  it('gives the same numbers for the same input', async () => {
    const csv = file('same.csv', table(2500))
    const args = [csv, '--label', 'label', '--ignore', 'meta_*', '--shuffle', '7', '--partitions', '2']
    expect(withoutTime(await found(args))).toEqual(withoutTime(await found(args)))
  })
})
