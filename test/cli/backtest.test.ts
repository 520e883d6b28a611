import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/kmeans/random.ts'
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

  it.each(['backtest', 'choose-k'])('%s says which columns are no features, and why', async (command) => {
    const [, ...rows] = table(1500).trimEnd().split('\n')
    const odd = rows.map((row, i) => `${i},${i === 7 ? 'NaN' : i},,${row}`)
    const csv = file('left-out.csv', [',amount,empty,x,y,note,meta_row,label', ...odd].join('\n'))
    const { stdout, code } = await shoal([command, csv, '--ignore', 'label'])
    expect(code).toBe(0)
    const why = '"" (has no name), amount ("NaN" in data row 7), empty (is empty), note ("even" in data row 0)'
    expect(stdout).toContain(`left out, for they are not numbers: ${why}`)
  })

  it.each([
    ['none', 0],
    ['all', 1],
  ])('says that labels which call %s anomalous rank nothing', async (sort, label) => {
    const rows = table(1300).replace(/[01]$/gm, String(label))
    const { stdout } = await shoal(['backtest', file(`${sort}.csv`, rows), '--label', 'label', '--ignore', 'meta_*'])
    expect(stdout).toContain(`300 labelled rows, ${sort} of them anomalous: nothing to rank`)
    expect(stdout).not.toContain('ROC-AUC')
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

  it('prints the keys that scripts rely on', async () => {
    const findings = await found([file('keys.csv', table(1500)), '--label', 'label', '--ignore', 'meta_*'])
    for (const key of ['rows', 'scored', 'auc', 'averagePrecision', 'flaggedShare', 'seconds', 'eventsPerSecond']) {
      expect(findings[key], key).toBeTypeOf('number')
    }
    for (const method of ['baseline', 'nearest']) {
      expect(findings[method]).toEqual({ auc: expect.any(Number), averagePrecision: expect.any(Number) })
    }
    expect(findings.inertia).toMatchObject({ final: expect.any(Number), ratio: expect.any(Number) })
  })

  it('judges everything but the ranking when nobody knows the labels', async () => {
    const findings = await found([file('unlabelled.csv', table(1500)), '--ignore', 'label', '--ignore', 'meta_*'])
    expect(findings).toMatchObject({ scored: 500, labelled: 0, auc: null, baseline: { auc: null } })
    expect(findings.inertia.final).toBeGreaterThan(0)
  })

  it('does not judge what the model was born from, however short the warm-up', async () => {
    const csv = file('born.csv', table(1500))
    expect(await found([csv, '--warmup', '0', '--ignore', 'meta_*'])).toMatchObject({ bornFrom: 1000, scored: 500 })
  })

  it('counts what is invalid, and learns nothing from it', async () => {
    const lines = table(1500).split('\n')
    lines[1200] = lines[1200].replace(/^[^,]*/, 'many')
    const findings = await found([file('invalid.csv', lines.join('\n')), '--ignore', 'meta_*', '--ignore', 'label'])
    expect(findings).toMatchObject({ rows: 1500, scored: 499, invalid: { wrong_type: 1 } })
  })

  it('gives the same numbers for the same input', async () => {
    const csv = file('same.csv', table(2500))
    const args = [csv, '--label', 'label', '--ignore', 'meta_*', '--shuffle', '7', '--partitions', '2']
    expect(withoutTime(await found(args))).toEqual(withoutTime(await found(args)))
  })

  it('takes labels from a file of truth, by the id of the event', async () => {
    const rows = table(2200).trimEnd().split('\n')
    const truth = rows.map((row, i) => (i === 0 ? 'id,label' : `row-${i - 1},${row.split(',')[4]}`)).join('\n')
    const csv = file('events.csv', rows.join('\n'))
    const byColumn = await found([csv, '--label', 'label', '--ignore', 'meta_*'])
    const byTruth = await found([csv, '--truth', file('truth.csv', truth), '--ignore', 'meta_*', '--ignore', 'label'])
    expect(byTruth).toMatchObject({ positives: 12, auc: byColumn.auc, averagePrecision: byColumn.averagePrecision })
  })

  it('has the features of a configuration, where there is one', async () => {
    const yaml =
      'input: { time: null }\nfeatures: [{ field: x, transform: log }, { field: note, transform: { oneHot: [even] } }]'
    const { shoal, file } = commandLine(yaml)
    const { stdout, error } = await shoal(['backtest', file('a.csv', table(1200)), '--label', 'label', '--json'])
    expect(error).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({ features: ['x', 'note'], columns: 2, scored: 200 })
  })

  it('runs every value of --vary, and every one of another key with each', async () => {
    const csv = file('varied.csv', table(1300))
    const vary = ['--vary', 'clusters.k=2,3', '--vary', 'clusters.halfLifeEvents=2000,null']
    const runs = await found([csv, '--label', 'label', '--ignore', 'meta_*', ...vary])
    expect(runs.map(({ set, k }: { set: object; k: number }) => ({ ...set, k }))).toEqual([
      { 'clusters.k': '2', 'clusters.halfLifeEvents': '2000', k: 2 },
      { 'clusters.k': '2', 'clusters.halfLifeEvents': 'null', k: 2 },
      { 'clusters.k': '3', 'clusters.halfLifeEvents': '2000', k: 3 },
      { 'clusters.k': '3', 'clusters.halfLifeEvents': 'null', k: 3 },
    ])
  }, 120_000)

  it('replays what a topic retains, with the features of the configuration, and writes nothing to it', async () => {
    const { shoal, log, file } = commandLine()
    const truth = file('truth.csv', '')
    await shoal(['produce', '--count', '3000', '--partitions', '3', '--invalid', '0', '--truth', truth])
    const before = await log.bounds({ topic: 'transactions', partition: 0 })
    const { stdout, error } = await shoal(['backtest', '--topic', 'transactions', '--truth', truth, '--json'])
    expect(error).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({ rows: 3000, scored: 2000, labelled: 2000, columns: 10 })
    expect(await log.bounds({ topic: 'transactions', partition: 0 })).toEqual(before)
    expect(await log.describe('shoal.models')).toBe(null)
  })
})

describe('a backtest refuses in one line', () => {
  const good = () => file('good.csv', table(1100))

  it.each([
    ['no input at all', () => [], 'backtest must be given a CSV file, or --topic: got neither'],
    ['a file that is not there', () => ['/no/such.csv'], '/no/such.csv must be a readable file'],
    ['a label that is no column', () => [good(), '--label', 'a'], 'good.csv (x, y, note, meta_row, label): got a'],
    ['labels from two places', () => [good(), '--label', 'label', '--truth', 'x'], '--truth must be used without'],
    ['a file and a topic', () => [good(), '--topic', 'a'], '--topic must be used without a file'],
    ['a label of a topic', () => ['--topic', 'a', '--label', 'b'], 'must be used with a file: got b'],
    ['no column of numbers', () => [file('t.csv', 'a\nx\n')], 'must have a column of numbers'],
    ['a file without rows', () => [file('e.csv', 'a,b\n')], 'must have data rows'],
    ['rows of another length', () => [file('l.csv', 'a,b\n1,2\n3\n')], 'l.csv line 3 must have as many values'],
    ['too few rows for the clusters', () => [file('f.csv', 'a\n1\n2\n')], 'at least 32 valid events: got 2'],
    [
      'rows without what counts',
      () => [good(), '--set', 'features=[{"field":"a","missing":"reject"}]'],
      'got 0 of 1100; shoal',
    ],
    ['a label that is none', () => [file('n.csv', 'a,b\n1,x\n'), '--label', 'b'], 'a label must be 0 or 1: got x'],
    ['a key that is none', () => [good(), '--set', 'clusters.kk=3'], 'did you mean clusters.k?'],
    ['a value that its key refuses', () => [good(), '--set', 'clusters.k=1'], 'clusters.k must be at least 2: got 1'],
    ['a key without a value', () => [good(), '--vary', 'clusters.k='], 'It must say a value of clusters.k'],
    ['such a value among several', () => [good(), '--vary', 'clusters.k=1,2'], 'with clusters.k=1: clusters.k must'],
  ])(
    '%s',
    async (_, args, message) => {
      const { code, error, stdout } = await shoal(['backtest', ...args()])
      expect(error).toContain(message)
      expect(code).not.toBe(0)
      expect(stdout).toBe('')
    },
    60_000,
  )
})
