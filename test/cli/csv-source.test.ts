import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type CsvOptions, csvSource } from '../../src/cli/csv-source.ts'
import type { SourceEvent } from '../../src/cli/event-source.ts'
import { commandLine } from './command-line.ts'

const { file } = commandLine()

async function events(content: string | Uint8Array, options: Partial<CsvOptions> = {}): Promise<SourceEvent[]> {
  const source = await csvSource({
    path: file('input.csv', content),
    idField: 'id',
    idColumn: null,
    keyColumn: null,
    timeColumn: null,
    ignore: [],
    ...options,
  })
  return (await Array.fromAsync(source.pieces())).flat()
}
const texts = (of: readonly SourceEvent[]) => of.map(({ value }) => Buffer.from(value ?? []).toString())

describe('a CSV file as events', () => {
  it('has one JSON object per row, with the number of the row as its id', async () => {
    expect(texts(await events('amount,shop\n12.50,a\n7,"b, c"\n'))).toEqual([
      '{"id":"row-0","amount":12.50,"shop":"a"}',
      '{"id":"row-1","amount":7,"shop":"b, c"}',
    ])
  })

  it('is the same gzipped, whatever its name', async () => {
    const plain = 'amount\n1\n2\n'
    expect(await events(gzipSync(plain))).toEqual(await events(plain))
  })

  it('makes a number of what JSON calls one, and takes its digits over; nothing of an empty text; a text of the rest', async () => {
    const [event] = texts(await events('a,b,c,d,e,f,g\n-1.50e-3,007,,1e999,NaN,0x10,12345678901234567890\n'))
    expect(event).toBe(
      '{"id":"row-0","a":-1.50e-3,"b":"007","c":null,"d":1e999,"e":"NaN","f":"0x10","g":12345678901234567890}',
    )
  })

  it('takes id, key and time from columns', async () => {
    const [event] = await events('tx,customer,at,amount\n9,c1,1700000000000,5\n', {
      idColumn: 'tx',
      keyColumn: 'customer',
      timeColumn: 'at',
    })
    expect(texts([event])).toEqual(['{"id":"9","customer":"c1","at":1700000000000,"amount":5}'])
    expect(event.key?.toString()).toBe('c1')
    expect(event.timestampMs).toBe(1_700_000_000_000)
  })

  it('reads a time that is ISO 8601', async () => {
    const [event] = await events('at\n2026-01-05T00:00:00Z\n', { timeColumn: 'at' })
    expect(event.timestampMs).toBe(Date.UTC(2026, 0, 5))
  })

  it('leaves out columns by pattern', async () => {
    const [event] = await events('meta_a,meta_b,amount,label\n1,2,3,1\n', { ignore: ['meta_*', 'labe?'] })
    expect(texts([event])).toEqual(['{"id":"row-0","amount":3}'])
  })

  it('keeps quotes, line breaks and a byte order mark apart from the content', async () => {
    expect(texts(await events('\ufeffname\n"a ""b""\nc"\n'))).toEqual(['{"id":"row-0","name":"a \\"b\\"\\nc"}'])
  })

  it('is read to its last row, however many there are', async () => {
    const rows = Array.from({ length: 2_345 }, (_, index) => `${index}\n`)
    const all = await events(`n\n${rows.join('')}`)
    expect(all).toHaveLength(2_345)
    expect(texts(all).at(-1)).toBe('{"id":"row-2344","n":2344}')
  })

  it.each([
    [
      'a row with a value too many',
      'a,b\n1,2\n1,2,3\n',
      /input\.csv line 3 must have as many values as the first line: got 3/,
    ],
    ['a row with a value too few', 'a,b\n1\n', /line 2 must have as many values as the first line: got 1/],
    ['a quote without end', 'a\n"1\n', /line \d must be CSV/],
    ['a column twice', 'a,a\n1,2\n', /must name each column once: got a twice/],
    ['nothing', '', /must begin with a line of column names: it is empty/],
  ])('is refused with its line: %s', async (_, content, message) => {
    await expect(events(content)).rejects.toMatchObject({
      code: 'file.malformed',
      message: expect.stringMatching(message),
    })
  })

  it('is refused when it is cut short', async () => {
    const whole = gzipSync('a\n'.repeat(100_000))
    await expect(events(whole.subarray(0, whole.length - 20))).rejects.toMatchObject({ code: 'file.unreadable' })
  })

  it('is refused when it is not there', async () => {
    const missing = {
      idField: 'id',
      idColumn: null,
      keyColumn: null,
      timeColumn: null,
      ignore: [],
      path: '/none/at-all.csv',
    }
    await expect(csvSource(missing)).rejects.toMatchObject({ code: 'file.unreadable' })
  })

  it.each([
    [{ idColumn: 'nope' }, '--id must name a column'],
    [{ keyColumn: 'nope' }, '--key must name a column'],
    [{ timeColumn: 'nope' }, '--time must name a column'],
  ])('is refused with a column that it does not have: %o', async (options, message) => {
    await expect(events('a\n1\n', options)).rejects.toMatchObject({
      code: 'usage.invalid',
      message: expect.stringContaining(message),
    })
  })

  it('is refused when a column would stand in for the id', async () => {
    await expect(events('id,a\n1,2\n')).rejects.toThrow('has a column id: say --id id or --ignore id')
  })
})
