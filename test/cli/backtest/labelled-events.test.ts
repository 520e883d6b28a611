import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openTable } from '../../../src/cli/backtest/labelled-events.ts'

const rows = 2600

function table(shuffle: number | null, most: number | null) {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-table-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'rows.csv')
  writeFileSync(path, ['x', ...Array.from({ length: rows }, (_, i) => i)].join('\n'))
  return openTable({ path, labelColumn: null, ignore: [], keyColumn: null, timeColumn: null, shuffle, rows: most })
}

describe.each([
  ['in the order of the file', null, null, rows],
  ['in another order', 1, null, rows],
  ['only the first', null, 700, 700],
] as const)('the rows of a file, %s,', (_, shuffle, most, given) => {
  test('are each given once, and the part that has been read grows to the whole and no further', async () => {
    const events = (await table(shuffle, most)).events('id')
    const parts: number[] = []
    const values = new Set<number>()
    for await (const piece of events.pieces()) {
      parts.push(events.part())
      for (const { value } of piece) values.add((JSON.parse(String(value)) as { x: number }).x)
    }
    expect(values.size).toBe(given)
    expect(parts).toEqual(parts.toSorted((a, b) => a - b))
    expect(parts.at(-1)).toBeLessThanOrEqual(1)
    expect(events.part()).toBe(1)
  })
})
