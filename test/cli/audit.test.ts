/** `shoal audit` and `shoal audit verify`, on an audit that commands have written. */
import { beforeEach, expect, test } from 'vitest'
import { auditOf } from '../../src/runtime/audit/audit-of.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import { auditViewSchema } from '../../src/runtime/views/audit-view.ts'
import { readTopic } from '../pipeline/harness.ts'
import { type CommandLine, commandLine, schemaText } from './command-line.ts'

let line: CommandLine
let topic: string

beforeEach(async () => {
  line = commandLine('name: cards')
  const settings = serviceSettings(line.configuration)
  topic = settings.topics.audit
  await line.log.prepare([{ topic, partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
  const { log, registry } = line
  const { clock, telemetry } = line.context
  const audit = auditOf(settings, { log, registry, clock, telemetry, schema: schemaText }, 'API')
  await audit.command({ kind: 'freeze', by: 'zoe', reason: 'cents\u0007', version: 7 })
  audit.refused({ client: null, address: '10.0.0.7', method: 'GET', route: '/v1/model', needed: 'read' })
  await audit.command({ kind: 'resume', by: 'max', reason: 'mended', version: 8 })
})

test('shoal audit shows the newest records first, and no control character of anybody', async () => {
  const { code, stdout } = await line.shoal(['audit'])
  const [head, ...rows] = stdout.trimEnd().split('\n')
  expect([code, rows.length]).toEqual([0, 3])
  expect(head).toMatch(/^when +kind +what +outcome +version +by +why$/)
  expect(rows[0]).toMatch(/command +resume +given +8 +max +mended$/)
  expect(rows[1]).toMatch(/access +GET \/v1\/model +refused +unknown +from 10\.0\.0\.7$/)
  expect(rows[2]).toMatch(/freeze +given +7 +zoe +cents\ufffd$/)
})

test('shoal audit --json prints what the schema of the API says, of the kinds and times that are asked for', async () => {
  const { stdout } = await line.shoal(['audit', '--json', '--kind', 'command', '--limit', '1'])
  const view: unknown = JSON.parse(stdout)
  expect(auditViewSchema.parse(view)).toEqual(view)
  expect(view).toMatchObject({ what: 'resume', by: 'max', facts: { via: 'API' } })
  expect((await line.shoal(['audit', '--json', '--since', '2100-01-01'])).stdout).toBe('')
  expect((await line.shoal(['audit', '--kind', 'freeze'])).code).toBe(2)
})

test('shoal audit verify finds it sound, and prints what is to be kept elsewhere', async () => {
  const { code, stdout } = await line.shoal(['audit', 'verify'])
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^3 records of 1 writers\.\nEach is as it was written\.\nThe newest, to be kept elsewhere: 2:[0-9a-f]{64}\n$/,
  )
  const head = stdout.trim().split(' ').at(-1)!
  expect((await line.shoal(['audit', 'verify', '--head', head])).code).toBe(0)
  const other = await line.shoal(['audit', 'verify', '--head', `2:${'0'.repeat(64)}`])
  expect([other.code, other.stdout]).toEqual([
    1,
    expect.stringContaining('BROKEN: the record at offset 2 is not the record that was kept'),
  ])
})

test('shoal audit verify names a record that was changed, and ends with 1', async () => {
  const values = (await readTopic(line.log, topic)).map(({ value }) => value!)
  const forged = commandLine('name: cards')
  await forged.log.prepare([{ topic, partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
  await forged.log.publish((outputs) => {
    for (const [i, value] of values.entries()) {
      const bytes = i === 1 ? Buffer.from(value.toString('latin1').replace('10.0.0.7', '10.0.0.8'), 'latin1') : value
      outputs.append({ topic, partition: 0, key: null, value: bytes, timestamp: 1000 })
    }
  })
  const { code, stdout, error } = await forged.shoal(['audit', 'verify', '--json'])
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    findings: [{ offset: 1, problem: 'the record at offset 1 is not what its hash was taken of: it was changed' }],
  })
  expect(error).toContain('offset 1')
})

test('shoal audit says that there is no such topic', async () => {
  const { code, error } = await commandLine('name: other').shoal(['audit'])
  expect(code).not.toBe(0)
  expect(error).toContain('other.audit')
})
