import { describe, expect, it } from 'vitest'
import { readTruth } from '../../src/cli/truth.ts'
import { commandLine } from './command-line.ts'

const { file } = commandLine()
const read = (content: string, options: { idColumn?: string; labelColumn?: string } = {}) =>
  readTruth({
    path: file('truth.csv', content),
    idColumn: options.idColumn ?? null,
    labelColumn: options.labelColumn ?? 'label',
  })

describe('the truth', () => {
  it('knows events by the column id, and what has no label as invalid', async () => {
    const truth = await read('id,label,kind\na,0,\nb,1,theft\nc,,truncated\nd,1,theft\n')
    expect([...truth.indexOf]).toEqual([
      ['a', 0],
      ['b', 1],
      ['d', 2],
    ])
    expect([...truth.positive]).toEqual([0, 1, 1])
    expect([...truth.kind]).toEqual([-1, 0, 0])
    expect(truth.kindNames).toEqual(['theft'])
    expect([...truth.unlabelled]).toEqual(['c'])
  })

  it('knows the rows of a file without ids by their number', async () => {
    expect([...(await read('x,label\n1,0\n2,1\n')).indexOf.keys()]).toEqual(['row-0', 'row-1'])
  })

  it('takes other columns when told', async () => {
    const truth = await read('tx,is_fraud\n7,true\n8,false\n', { idColumn: 'tx', labelColumn: 'is_fraud' })
    expect([...truth.indexOf.keys()]).toEqual(['7', '8'])
    expect([...truth.positive]).toEqual([1, 0])
  })

  it.each([
    ['an id twice', 'id,label\na,0\na,1\n', 'data row 1 must have an id of its own: got a again'],
    ['a label that is none', 'id,label\na,maybe\n', 'a label must be 0 or 1: got maybe'],
    ['no label', 'id\na\n', '--label must name a column'],
  ])('is refused: %s', async (_, content, message) => {
    await expect(read(content)).rejects.toThrow(message)
  })
})
