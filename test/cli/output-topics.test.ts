import avsc from 'avsc'
import { describe, expect, it } from 'vitest'
import { reasonCode } from '../../src/core/fields/invalid.ts'
import { appendDeadLetter } from '../../src/stages/dead-letter.ts'
import { Profiling, profileFeature } from '../core/profiles/profiling.ts'
import { type CommandLine, commandLine, schemaText } from './command-line.ts'

const budget = 0.1

/** Writes assignments into `shoal.assignments`, as the service would. */
async function assign(cli: CommandLine, scores: readonly (readonly [id: string, score: number])[]): Promise<void> {
  const topic = 'shoal.assignments'
  const type = avsc.Type.forSchema(JSON.parse(schemaText('assignment')))
  const id = await cli.registry.register(`${topic}-value`, schemaText('assignment'))
  await cli.log.prepare([{ topic, partitions: 2, cleanup: 'delete', owner: 'shoal' }], true)
  await cli.log.publish((outputs) => {
    for (const [index, [eventId, score]] of scores.entries()) {
      const partition = index % 2
      const body = type.toBuffer({
        ...{ eventId, partition, offset: index >> 1, cluster: 3, distance: 1.25, score, modelVersion: 7 },
        ...{ fingerprint: Buffer.from('0123456789abcdef', 'hex'), remoteness: 8 * score, warmUp: false },
      })
      const value = Buffer.concat([Buffer.from([0, 0, 0, 0, id]), body])
      outputs.append({ topic, partition, key: Buffer.from(`key of ${eventId}`), value, timestamp: 1_000 + index })
    }
  })
}

describe('shoal consume', () => {
  it('shows assignments, decoded by the schema of their writer', async () => {
    const cli = commandLine()
    await assign(cli, [
      ['a', 0.5],
      ['b', 0.25],
    ])
    const ended = await cli.shoal(['consume', 'assignments'])
    expect(ended).toMatchObject({ code: 0, error: '' })
    const [head, ...rows] = ended.stdout.trimEnd().split('\n')
    expect(head).toMatch(/^event +cluster +distance +score +remote +model +from$/)
    expect(rows.toSorted()).toEqual([
      expect.stringMatching(/^a +3 +1\.250 +0\.50000 +4\.00 +7 +0\/0$/),
      expect.stringMatching(/^b +3 +1\.250 +0\.25000 +2\.00 +7 +1\/0$/),
    ])
  })

  it('prints one JSON object a record', async () => {
    const cli = commandLine()
    await assign(cli, [['a', 0.5]])
    const { stdout } = await cli.shoal(['consume', 'assignments', '--json'])
    expect(JSON.parse(stdout)).toEqual({
      at: { partition: 0, offset: 0, timestampMs: 1_000 },
      key: 'key of a',
      headers: {},
      value: {
        ...{ eventId: 'a', partition: 0, offset: 0, cluster: 3, distance: 1.25, score: 0.5, modelVersion: 7 },
        ...{ fingerprint: '0123456789abcdef', remoteness: 4, warmUp: false },
      },
    })
  })

  it('shows profiles by their entities, and refuses where no feature asks for any', async () => {
    const profiling = new Profiling([profileFeature('count1h')])
    profiling.meet([{ customer: 'c7' }, { customer: 'c8' }, { customer: 'c7' }])
    const cli = commandLine('features: [{ profile: { entity: customer, as: count1h } }]')
    const topic = 'shoal.profiles'
    const id = await cli.registry.register(`${topic}-value`, schemaText('profile'))
    await cli.log.prepare([{ topic, partitions: 1, cleanup: 'compact', owner: 'shoal' }], true)
    await cli.log.publish((outputs) => {
      for (const { key, value } of profiling.records()) {
        const framed = Buffer.from(value!)
        framed.writeInt32BE(id, 1)
        outputs.append({ topic, partition: 0, key, value: framed, timestamp: 1_000 })
      }
      outputs.append({ topic, partition: 0, key: Buffer.from('customer\0c9'), value: null, timestamp: 1_000 })
    })
    const { stdout, code } = await cli.shoal(['consume', 'profiles'])
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n').slice(1)).toEqual([
      expect.stringMatching(/^customer +all of them$/),
      expect.stringMatching(/^customer +c7 +2 +2024-01-01T00:00:00\.000Z +0\/2$/),
      expect.stringMatching(/^customer +c8 +1 +2024-01-01T00:00:00\.000Z +0\/1$/),
      expect.stringMatching(/^customer +c9 +given up$/),
    ])
    const refused = await commandLine().shoal(['consume', 'profiles'])
    expect(refused).toMatchObject({
      code: 2,
      error: expect.stringContaining('profiles must be asked for by a feature'),
    })
  })

  it('stops at the limit, and at the end', async () => {
    const cli = commandLine()
    await assign(
      cli,
      Array.from({ length: 50 }, (_, index) => [`e${index}`, 0.5] as const),
    )
    const printed = async (...more: string[]) =>
      (await cli.shoal(['consume', 'assignments', '--json', ...more])).stdout.split('\n').length - 1
    expect(await printed('--limit', '7')).toBe(7)
    expect(await printed()).toBe(50)
    expect(await printed('--from', 'end')).toBe(0)
  })

  it('follows until it is interrupted, which is how it ends well', async () => {
    const cli = commandLine()
    await assign(cli, [['old', 0.5]])
    const interrupt = new AbortController()
    const running = cli.shoal(['consume', 'assignments', '--follow', '--limit', '2', '--json'], interrupt.signal)
    await assign(cli, [['new', 0.5]])
    const { code, stdout } = await running
    expect(code).toBe(0)
    expect(stdout).toContain('"eventId":"new"')
    const endless = cli.shoal(['consume', 'assignments', '--follow'], interrupt.signal)
    interrupt.abort()
    expect((await endless).code).toBe(0)
  })

  it('shows why a dead letter is one, and never its bytes', async () => {
    const cli = commandLine()
    const topic = 'shoal.dead-letters'
    await cli.log.prepare([{ topic: 'transactions', partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
    await cli.log.prepare([{ topic, partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
    const [key, value] = [Buffer.from('c-1\u001b[2J'), Buffer.from('secret')]
    await cli.log.publish((outputs) =>
      outputs.append({ topic: 'transactions', partition: 0, key, value, timestamp: 5 }),
    )
    const stop = new AbortController()
    for await (const batch of cli.log.follow('transactions', new Map([[0, 0]]), stop.signal)) {
      await cli.log.publish((outputs) =>
        appendDeadLetter(
          outputs,
          topic,
          { topic: 'transactions', name: 'shoal', maxBytes: 1e6 },
          batch,
          0,
          reasonCode.malformed,
        ),
      )
      stop.abort()
    }
    const { stdout } = await cli.shoal(['consume', 'dead-letters'])
    expect(stdout).toMatch(/malformed +0\/0 +c-1\ufffd\[2J +6 +The bytes are not what/)
    expect(stdout).not.toContain('secret')
  })

  it('refuses what is no topic of Shoal, and a topic that is not there', async () => {
    expect(await commandLine().shoal(['consume', 'everything'])).toMatchObject({ code: 2 })
    expect(await commandLine().shoal(['consume', 'models'])).toMatchObject({
      code: 1,
      error: expect.stringContaining('topic shoal.models must exist'),
    })
  })
})

describe('shoal topics', () => {
  it('refuses to say anything without the input', async () => {
    const ended = await commandLine().shoal(['topics'])
    expect(ended).toMatchObject({ code: 1, error: expect.stringContaining('there is no topic "transactions"') })
  })

  it('tells what is missing, creates it, and finds all well', async () => {
    const cli = commandLine()
    await cli.shoal(['produce', '--count', '10', '--partitions', '2'])
    const before = await cli.shoal(['topics', '--verify'])
    expect(before.stdout).toMatch(/shoal\.assignments +2 +delete +the broker's +missing/)
    expect(before).toMatchObject({
      code: 1,
      error: expect.stringContaining('9 topics must be there and fit: 8 are not'),
    })
    expect((await cli.shoal(['topics', '--create'])).code).toBe(0)
    const after = await cli.shoal(['topics', '--verify', '--json'])
    expect(after.code).toBe(0)
    expect(JSON.parse(after.stdout).map((topic: { state: string }) => topic.state)).toEqual(Array(9).fill('ok'))
  })

  it('tells what is unfit', async () => {
    const cli = commandLine()
    await cli.shoal(['produce', '--count', '10', '--partitions', '2'])
    await cli.log.prepare([{ topic: 'shoal.anomalies', partitions: 5, cleanup: 'delete', owner: 'shoal' }], true)
    const ended = await cli.shoal(['topics', '--json'])
    const found = JSON.parse(ended.stdout).find((topic: { topic: string }) => topic.topic === 'shoal.anomalies')
    expect(found).toMatchObject({ state: 'unfit', problem: expect.stringContaining('5') })
  })
})

describe('shoal evaluate', () => {
  const yaml = `{input: {format: json, time: null}, features: [{field: x}], anomalies: {budget: ${budget}}}`

  it('joins by id, and counts what is missing, twice, invalid or unknown', async () => {
    const cli = commandLine(yaml)
    await assign(cli, [
      ['a', 0.1],
      ['b', 0.95],
      ['a', 0.2],
      ['bad', 0.3],
      ['stranger', 0.4],
    ])
    const truth = cli.file('truth.csv', 'id,label,kind\na,0,\nb,1,theft\nc,0,\nbad,,truncated\n')
    const { stdout, error } = await cli.shoal(['evaluate', '--truth', truth, '--no-baseline', '--json'])
    expect(error).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ matched: 2, missing: 1, duplicates: 1, ofInvalid: 1, unknown: 1, events: 2, positives: 1, budget },
      assignments: { rocAuc: 1, averagePrecision: 1, atBudget: { flagged: 1, precision: 1, recall: 1 } },
      baseline: null,
      kinds: [{ kind: 'theft', events: 1, assignments: 1, baseline: null }],
    })
  })

  it('sets k = 1 beside: the distance to the running mean of the input, after the first 1,000', async () => {
    const cli = commandLine(yaml)
    // Every tenth row stands 5 from the mean; the assignments are made to say the opposite.
    const far = (row: number) => row % 10 === 0
    const rows = Array.from({ length: 3_000 }, (_, row) => `${far(row) ? 5 : row % 2},${far(row) ? 1 : 0}\n`)
    const csv = cli.file('rows.csv', `x,label\n${rows.join('')}`)
    await cli.shoal(['produce', csv, '--ignore', 'label', '--partitions', '1'])
    await assign(
      cli,
      Array.from({ length: 3_000 }, (_, row) => [`row-${row}`, far(row) ? 0.1 : 0.95] as const),
    )
    const { stdout, error } = await cli.shoal(['evaluate', '--truth', csv])
    expect(error).toBe('')
    expect(stdout).toContain('3,000 matched, 0 missing, 0 duplicate')
    expect(stdout).toContain('judged: 2,000 events, 200 of them anomalous (10 %)')
    expect(stdout).toMatch(/assignments +k = 1\nROC-AUC +0\.0000 +1\.0000\n/)
    expect(stdout).toMatch(/flagged at the budget of 10 % +1,800 +200\n/)
    expect(stdout).toMatch(/recall at the budget of 10 % +0\.0000 +1\.0000\n/)
  })

  it('refuses a label that the file does not have', async () => {
    const cli = commandLine(yaml)
    const ended = await cli.shoal(['evaluate', '--truth', cli.file('truth.csv', 'id\na\n')])
    expect(ended).toMatchObject({ code: 2, error: expect.stringContaining('--label must name a column') })
  })
})
