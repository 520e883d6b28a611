import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/kmeans/random.ts'
import { commandLine } from './command-line.ts'

const { shoal, file } = commandLine()

/** Clusters about points of a line, amounts that are lognormal, a text and a label. */
function table(rows: number, clusters: number): string {
  const random = new Random(3)
  const lines = Array.from({ length: rows }, (_, i) => {
    const x = 30 * (i % clusters) + random.gaussian()
    const y = 50 * ((i * 7) % clusters) + random.gaussian()
    return `${x},${y},${i % 2 === 0 ? 'even' : 'odd'},${i % 9 === 0 ? 1 : 0}`
  })
  return ['x,y,note,label', ...lines, ''].join('\n')
}

describe('choose-k', () => {
  it('recommends the number of clusters of a file, with a chart and the reason', async () => {
    const { code, stdout, error } = await shoal([
      'choose-k',
      file('six.csv', table(900, 6)),
      '--ignore',
      'label',
      '--to',
      '9',
    ])
    expect([code, error]).toEqual([0, ''])
    expect(stdout).toMatch(/900 rows of 2 features: x, y/)
    expect(stdout.split('\n').filter((line) => line.includes('█'))).toHaveLength(8)
    expect(stdout).toMatch(/→ 6 {2}0\.\d\d █+/)
    expect(stdout).toMatch(/\n6 clusters: of 2 to 9 .*\.\n$/)
  })

  it('prints the keys that scripts rely on, and the same for the same seed', async () => {
    const csv = file('four.csv', table(600, 4))
    const args = ['choose-k', csv, '--ignore', 'label', '--shuffle', '5', '--to', '6', '--seed', '3', '--json']
    const { stdout } = await shoal(args)
    expect(JSON.parse(stdout)).toMatchObject({ k: 4, found: true, rows: 600, features: ['x', 'y'], transforms: {} })
    expect(JSON.parse(stdout).tried.map(({ k }: { k: number }) => k)).toEqual([2, 3, 4, 5, 6])
    for (const key of ['inertia', 'silhouette', 'daviesBouldin', 'calinskiHarabasz', 'bic', 'stability']) {
      expect(JSON.parse(stdout).tried[0][key], key).toBeTypeOf('number')
    }
    expect((await shoal(args)).stdout).toBe(stdout)
  })

  it('takes the features of a configuration, and says what auto comes to', async () => {
    const random = new Random(1)
    const rows = Array.from({ length: 400 }, () => `${Math.exp(2 * random.gaussian())},${random.gaussian()}`)
    const configured = commandLine(
      'input: { time: null }\nfeatures: [{ field: amount, transform: auto }, { field: other, transform: auto }]',
    )
    const csv = file('amounts.csv', ['amount,other', ...rows, ''].join('\n'))
    const { stdout, error } = await configured.shoal(['choose-k', csv, '--to', '4'])
    expect(error).toBe('')
    expect(stdout).toMatch(/transforms decided by them: amount: log, other: none/)
    expect(stdout).toMatch(/no number of clusters stands out .*: 16 is the default\.\n$/)
  })

  const refusals: readonly [string, () => string[], string][] = [
    ['neither file nor topic', () => [], 'choose-k must be given a CSV file, or --topic: got neither'],
    ['both', () => [file('f.csv', table(9, 3)), '--topic', 't'], '--topic must be used without a file'],
    [
      'a range that is none',
      () => [file('f.csv', table(9, 3)), '--from', '9', '--to', '3'],
      'at least --from, 9: got 3',
    ],
    [
      'a time range of a file',
      () => [file('f.csv', table(9, 3)), '--since', '2026-01-01'],
      '--since must be used with --topic',
    ],
    ['too few rows', () => [file('f.csv', table(9, 3))], 'at least 200 valid events: got 9'],
  ]

  it.each(refusals)('refuses %s', async (_, args, message) => {
    const { code, error } = await shoal(['choose-k', ...args()])
    expect(error).toContain(message)
    expect(code).toBe(2)
  })
})
