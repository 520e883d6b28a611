import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createPartitioner } from '../../src/cli/partitioner.ts'
import { readTopic } from '../pipeline/harness.ts'
import { type CommandLine, commandLine } from './command-line.ts'

const records = ({ log }: CommandLine) => readTopic(log, 'transactions')
const lines = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n')

describe('shoal produce', () => {
  it('writes the generator’s transactions by customer, and the truth beside them', async () => {
    const cli = commandLine()
    const truth = cli.file('truth.csv', '')
    const ended = await cli.shoal([
      'produce',
      '--count',
      '5000',
      '--invalid',
      '2%',
      '--partitions',
      '4',
      '--truth',
      truth,
    ])
    expect(ended).toMatchObject({ code: 0, error: '' })
    expect(ended.stdout).toMatch(
      /^5,000 events in .* to transactions, 4 partitions\nplanted: \d+ frauds, \d+ invalid records\n/,
    )

    const written = await records(cli)
    const rows = lines(truth)
      .slice(1)
      .map((line) => line.split(','))
    const partitionOf = createPartitioner(4)
    expect(written).toHaveLength(5_000)
    expect(written.every(({ key, partition }) => partition === partitionOf(Buffer.from(key ?? '')))).toBe(true)
    expect(lines(truth)[0]).toBe('position,id,label,kind,reason,partition')
    expect(rows.map(([position]) => Number(position))).toEqual(rows.map((_, index) => index))
    for (const partition of [0, 1, 2, 3]) {
      const inTruth = rows.filter((row) => row[5] === String(partition))
      expect(written.filter((record) => record.partition === partition)).toHaveLength(inTruth.length)
    }
    const invalid = rows.filter((row) => row[2] === '')
    expect(invalid.length / 5_000).toBeCloseTo(0.02, 2)
    expect(invalid.every((row) => row[4] !== '')).toBe(true)
  })

  it('writes the same for the same seed, and the truth never enters the events', async () => {
    const [one, other] = [commandLine(), commandLine()]
    const args = ['produce', '--count', '2000', '--partitions', '2', '--format', 'json', '--seed', '5']
    await one.shoal(args)
    await other.shoal(args)
    const values = async (cli: CommandLine) => (await records(cli)).map(({ value }) => value?.toString())
    expect(await values(one)).toEqual(await values(other))
    expect((await values(one)).join('')).not.toMatch(/fraud|label|card_testing/)
  })

  it('tells where the shifts are, and plants none when told so', async () => {
    const shifted = await commandLine().shoal(['produce', '--count', '1000', '--partitions', '1', '--json'])
    expect(JSON.parse(shifted.stdout)).toMatchObject({
      events: 1000,
      shifts: { gradual: { from: 400, to: 600 }, sudden: { at: 750 } },
    })
    const steady = await commandLine().shoal([
      'produce',
      '--count',
      '1000',
      '--partitions',
      '1',
      '--json',
      '--no-shifts',
    ])
    expect(JSON.parse(steady.stdout).shifts).toEqual({})
  })

  it('writes the rows of a file, in turn to all partitions where there is no key', async () => {
    const cli = commandLine('input: {format: json}')
    const csv = cli.file('rows.csv', `amount,label\n${'5,1\n'.repeat(9)}`)
    const ended = await cli.shoal(['produce', csv, '--ignore', 'label', '--partitions', '3'])
    expect(ended).toMatchObject({ code: 0, error: '' })
    const written = await records(cli)
    expect(written.map(({ partition }) => partition)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2])
    expect(written.map(({ value }) => value?.toString()).toSorted()[0]).toBe('{"id":"row-0","amount":5}')
    expect(written.every(({ key }) => key === null)).toBe(true)
  })

  it('writes so many rows of a file, and no more', async () => {
    const cli = commandLine('input: {format: json}')
    const csv = cli.file('rows.csv', `amount\n${'5\n'.repeat(2_000)}`)
    await cli.shoal(['produce', csv, '--count', '700', '--partitions', '1'])
    expect(await records(cli)).toHaveLength(700)
  })

  it('stops when it is interrupted, and says how much is there', async () => {
    const cli = commandLine()
    const interrupt = new AbortController()
    const running = cli.shoal(['produce', '--count', '1e9', '--rate', '2000', '--partitions', '1'], interrupt.signal)
    const end = Date.now() + 20_000
    while ((await cli.log.describe('transactions')) === null || (await records(cli)).length === 0) {
      if (Date.now() > end) throw new Error('nothing was ever produced')
      await new Promise((resolve) => setImmediate(resolve))
    }
    interrupt.abort()
    const ended = await running
    expect(ended.code).toBe(130)
    expect(ended.error).toContain(`interrupted after ${(await records(cli)).length} events`)
  })

  it.each([
    ['the topic must exist', [], 1, 'topic transactions must exist, or --partitions say how to create it'],
    ['a file is no Avro', ['FILE'], 2, '--format (or input.format) must be json for a CSV file'],
    ['a file has its own labels', ['FILE', '--truth', 'x'], 2, '--truth must be used without a file'],
    ['columns are of a file', ['--key', 'x'], 2, '--id, --key, --time and --ignore must be used with a file'],
    ['a count is a number', ['--count', 'many'], 2, 'It must be a whole number, at least 1.'],
    ['a share is at most 1', ['--invalid', '2'], 2, 'It must be a share from 0 to 1'],
    [
      'a file must be there',
      ['/none.csv', '--format', 'json', '--partitions', '1'],
      1,
      '/none.csv must be a readable file',
    ],
  ])('refuses: %s', async (_, args, code, message) => {
    const cli = commandLine()
    const file = cli.file('rows.csv', 'amount\n1\n')
    const ended = await cli.shoal(['produce', ...args.map((arg) => (arg === 'FILE' ? file : arg))])
    expect(ended.code).toBe(code)
    expect(ended.error + ended.stderr).toContain(message)
  })

  it('refuses a topic with another number of partitions', async () => {
    const cli = commandLine()
    await cli.shoal(['produce', '--count', '10', '--partitions', '2'])
    const ended = await cli.shoal(['produce', '--count', '10', '--partitions', '3'])
    expect(ended.error).toContain('topic transactions must have 3 partitions: it has 2')
  })
})
