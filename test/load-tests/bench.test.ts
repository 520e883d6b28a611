/** The bench: which parts there are, and that one of them runs. Its figures are the machine's, and nothing is asked of them here. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { benchPage } from '../../load-tests/bench/page.ts'
import { parts } from '../../load-tests/bench/parts.ts'
import { outputOf } from '../../load-tests/program-output.ts'

const root = join(import.meta.dirname, '..', '..')
const bench = join(root, 'load-tests', 'bench.ts')

test('its parts are those that the page of the measurements lists, in their order', () => {
  const page = readFileSync(join(root, 'load-tests', 'README.md'), 'utf8')
  const [, listed] = page.split('| part ')
  const named = [...listed.matchAll(/^\| `([a-z]+)`/gm)].map(([, name]) => name)
  expect(named).toEqual(parts.map(({ name }) => name))
})

test('a part by itself prints its figures with their spread, and what they stand beside', async () => {
  const printed = await outputOf(process.execPath, [bench, '--quick', '--only', 'kernel', '--json'])
  const { found } = JSON.parse(printed)
  expect(found.map(({ name }: { readonly name: string }) => name)).toEqual(['kernel'])
  const [{ lines }] = found
  const [first] = lines
  expect(lines).toHaveLength(12)
  expect(first).toMatchObject({ what: 'nearest, d × k = 8 × 16, batches of 1,000', unit: 'rows a second' })
  expect(first.beside.what).toBe('the plain loop')
  for (const { figure, beside } of lines) {
    for (const { least, median, most } of [figure, beside.timesAsFast]) {
      expect(least).toBeGreaterThan(0)
      expect(median).toBeGreaterThanOrEqual(least)
      expect(most).toBeGreaterThanOrEqual(median)
    }
  }
})

test('a size is measured to its end, upkeep included', async () => {
  const program = join(root, 'load-tests', 'sizing.ts')
  const sized = JSON.parse(await outputOf(process.execPath, [program, '--one', '8:16:4', '--seconds', '0.1']))
  expect(sized).toMatchObject({ columns: 8, clusters: 16, partitions: 4, updates: 20 })
  expect(sized.upkeepMs).not.toBeNull()
  expect(sized.scoreUs).toBeGreaterThan(0)
})

test('a part that is none is refused by name', async () => {
  await expect(outputOf(process.execPath, [bench, '--only', 'speed'])).rejects.toThrow(
    '--only must be one of stages, kernel, codec, growth, backlog, latency, overload, start',
  )
})

test('its page has every figure, a chart of each part that compares, and asks nothing of another host', () => {
  const spread = (median: number) => ({ median, least: median / 2, most: 2 * median })
  const beside = { what: 'the <other>', figure: spread(20), timesAsFast: spread(0.5) }
  const measured = (name: string) => ({
    ...{ name, title: `title of ${name}`, seconds: 1 },
    lines: [{ what: `what of ${name}`, figure: spread(1234), unit: 'ns', beside }],
  })
  const page = benchPage(['stages', 'codec', 'latency', 'overload'].map(measured), 'where it was measured')
  expect(page.match(/<svg /g)).toHaveLength(3)
  expect(page).toContain('<td>1,234 (617–2,468)</td>')
  expect(page).toContain('the &lt;other&gt;: 20 (10–40)')
  expect(page).not.toContain('<other>')
  expect(page.match(/(?:src|href)=/g)).toBeNull()
})
