import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/kmeans/random.ts'
import { commandLine } from './command-line.ts'
import { brokenMarkup } from './markup.ts'

const { shoal, file } = commandLine()

function table(rows: number, firstColumn: string): string {
  const random = new Random(3)
  const lines = Array.from({ length: rows }, (_, i) => {
    const centre = i % 50 === 7 ? 90 : 10 * random.below(3)
    return `${centre + random.gaussian()},${centre - random.gaussian()},${i % 50 === 7 ? 1 : 0}`
  })
  return [`${firstColumn},y,label`, ...lines].join('\n')
}

async function page(csv: string, ...args: readonly string[]): Promise<string> {
  const path = file('report.html', '')
  const { error } = await shoal(['backtest', csv, ...args, '--report', path])
  expect(error).toBe('')
  return readFileSync(path, 'utf8')
}

const charts = (html: string) => html.match(/<svg[^>]*role="img"/g)?.length

describe('the report', () => {
  it('is whole markup with a chart of everything, and asks nothing of any other host', async () => {
    const html = await page(file('labelled.csv', table(4000, 'x')), '--label', 'label', '--k', '3')
    expect(brokenMarkup(html)).toBe('')
    expect(html).not.toMatch(/https?:|\/\/|src=|href=|url\(|@import/)
    expect(html).not.toContain('NaN')
    expect(charts(html)).toBe(6)
    expect(html).toContain('precision and recall')
    expect(html).toContain('The most unusual events')
  })

  it('has what can be said without labels', async () => {
    const html = await page(file('unlabelled.csv', table(4000, 'x')), '--ignore', 'label', '--k', '3')
    expect(brokenMarkup(html)).toBe('')
    expect(charts(html)).toBe(4)
    expect(html).not.toContain('ROC')
  })

  it('shows names of the input as text', async () => {
    const html = await page(file('names.csv', table(3000, '<script>alert(1)</script>')), '--label', 'label', '--k', '3')
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;alert(1)')
    expect(brokenMarkup(html)).toBe('')
  })

  it('is made of a stream that is hardly longer than its birth', async () => {
    const html = await page(file('short.csv', table(1100, 'x')), '--label', 'label', '--k', '3')
    expect(brokenMarkup(html)).toBe('')
    expect(html).not.toContain('NaN')
  })

  it('is refused beside --vary, and where it cannot be written', async () => {
    const csv = file('refused.csv', table(1100, 'x'))
    const beside = await shoal(['backtest', csv, '--vary', 'clusters.k=2,3', '--report', 'x.html'])
    expect(beside.error).toContain('--report must be used without --vary: got x.html')
    const nowhere = await shoal(['backtest', csv, '--k', '3', '--report', '/no/such/folder/x.html'])
    expect(nowhere.error).toContain('--report must name a file that can be written')
  })
})

describe('markup that is checked', () => {
  it.each([
    ['an element that is not closed', '<p><b>a</p>'],
    ['a bare sign', '<p>a < b</p>'],
    ['an element that is left open', '<main><p></p>'],
  ])('is seen to be broken: %s', (_, html) => {
    expect(brokenMarkup(html)).not.toBe('')
  })
})
