/** `shoal model export` and `import`: a version goes to another log, and lives on there. */
import { existsSync, readFileSync } from 'node:fs'
import avsc from 'avsc'
import { describe, expect, test } from 'vitest'
import { decodeModel, encodeModel } from '../../src/core/codec/model-codec.ts'
import { readContainer } from '../../src/core/codec/object-container.ts'
import type { Model } from '../../src/core/model/model.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { decodeAssignment, readTopic, until } from '../pipeline/harness.ts'
import { type CommandLine, commandLine, schemaText } from './command-line.ts'
import { type World, world, yaml } from './obeying-model.ts'
import { serve } from './service-beside.ts'

/** A path of the test's own at which there is no file. */
const path = ({ file }: CommandLine) => `${file('beside', '')}.avro`

async function exported(from: World, ...args: readonly string[]): Promise<string> {
  const to = path(from)
  const { code } = await from.shoal(['model', 'export', ...args, '--to', to])
  expect(code).toBe(0)
  return to
}

/** A log with an input of n events, and nothing else. */
async function elsewhere(n: number, of = yaml): Promise<CommandLine> {
  const line = commandLine(of)
  await line.log.prepare([{ topic: 'transactions', partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
  await line.log.publish((outputs) => {
    for (let i = 0; i < n; i++) {
      const value = Buffer.from(`{"id":"e${i}","x0":${i % 7},"x1":${-(i % 5)}}`)
      outputs.append({ topic: 'transactions', partition: 0, key: null, value, timestamp: 1_000_000 + i })
    }
  })
  return line
}

/** What the topic of models holds. */
async function published({ log, configuration }: CommandLine): Promise<readonly Model[]> {
  const { topics, fingerprint } = serviceSettings(configuration)
  const records = await readTopic(log, topics.models)
  return records.map(({ value }) => {
    const decoded = decodeModel(value!.subarray(wireHeaderBytes), fingerprint)
    if ('refused' in decoded) throw new Error(decoded.detail)
    return decoded.value
  })
}

describe('shoal model export', () => {
  test('writes the record of the version bit for bit, and says whose it is', async () => {
    const from = await world()
    const read = readContainer(readFileSync(await exported(from, '3')))
    if ('problem' in read) throw new Error(read.problem)
    expect(from.published.get(3)?.equals(read.record)).toBe(true)
    expect(read.metadata.get('avro.schema')).toBe(schemaText('model'))
    const said = ['name', 'version', 'fingerprint'].map((key) => read.metadata.get(`shoal.${key}`))
    expect(said).toEqual(['cards', '3', from.model.fingerprint])
  })

  test('writes what another implementation of Avro reads', async () => {
    const from = await world()
    const file = await exported(from)
    const records = await new Promise<readonly { version: number; clusters: readonly unknown[] }[]>(
      (resolve, reject) => {
        const found: { version: number; clusters: readonly unknown[] }[] = []
        avsc
          .createFileDecoder(file)
          .on('data', (record) => found.push(record))
          .on('error', reject)
          .on('end', () => resolve(found))
      },
    )
    expect(records.map(({ version, clusters }) => [version, clusters.length])).toEqual([[5, 3]])
  })

  test('writes over nothing unless it must', async () => {
    const from = await world()
    const to = await exported(from, '3')
    const before = readFileSync(to)
    const again = await from.shoal(['model', 'export', '--to', to])
    expect([again.code, readFileSync(to).equals(before)]).toEqual([1, true])
    expect(again.error).toContain('exists, and --force writes over it')
    const forced = await from.shoal(['model', 'export', '--to', to, '--force', '--json'])
    expect(JSON.parse(forced.stdout)).toMatchObject({ name: 'cards', version: 5, file: to })
    expect(readFileSync(to).equals(before)).toBe(false)
  })

  test('of a version that is not kept writes nothing', async () => {
    const from = await world()
    const to = path(from)
    const { error } = await from.shoal(['model', 'export', '4', '--to', to])
    expect(error).toContain('version 4 of cards must be kept')
    expect(existsSync(to)).toBe(false)
  })
})

describe('shoal model import', () => {
  test('publishes the version as a birth: all that it has learned, and its budget, but no orders', async () => {
    const from = await world((model) => {
      model.control.budget = 0.02
      model.control.pinned = [1]
      model.control.frozen = { sinceVersion: 5, byPolicy: false, driftNumber: 0 }
    })
    const to = await elsewhere(0)
    const { code, stdout } = await to.shoal(['model', 'import', await exported(from)])
    expect([code, stdout]).toEqual([0, expect.stringContaining('published as version 5 of cards\n')])
    expect(stdout).toContain('a budget of 2 %; the configuration says 0.5 %')
    const [{ control, bornAtMs, bornFrom, learnedUpTo, ...model }, ...others] = await published(to)
    expect(others).toEqual([])
    expect(control).toMatchObject({ frozen: null, pinned: [], deeds: [], budget: 0.02, healthyVersion: 5 })
    expect([bornFrom, learnedUpTo.size, bornAtMs > from.model.bornAtMs]).toEqual([[], 0, true])
    const { control: c, bornAtMs: b, bornFrom: f, learnedUpTo: l, ...before } = from.model
    expect(model).toEqual(before)
  })

  test('is refused where there is a model already, and by name where the features are others', async () => {
    const from = await world()
    const file = await exported(from)
    const same = await elsewhere(0)
    expect((await same.shoal(['model', 'import', file])).code).toBe(0)
    const twice = await same.shoal(['model', 'import', file])
    expect([twice.code, twice.error]).toEqual([1, expect.stringContaining('cards must have no model yet')])
    const other = await elsewhere(0, yaml.replace('x1, transform: none', 'x1, transform: log'))
    const { code, error } = await other.shoal(['model', 'import', file])
    expect(code).toBe(1)
    expect(error).toContain(`it was made by configuration ${from.model.fingerprint}, this one is`)
    expect(await other.log.describe('cards.models')).toBeNull()
  })

  test('lets a service score by it from its first event on, and learn on', async () => {
    const to = await elsewhere(900)
    expect((await to.shoal(['model', 'import', await exported(await world())])).code).toBe(0)
    const { follower } = serve(to)
    await until(
      () => (follower.current()?.scorer.model.trainedEvents ?? 0) >= 2600 + 900,
      () => `${follower.current()?.scorer.model.trainedEvents} events learned`,
    )
    const assigned = await readTopic(to.log, 'cards.assignments')
    expect(assigned.length).toBe(900)
    expect(decodeAssignment(assigned[0])).toMatchObject({ eventId: 'e0', modelVersion: 5 })
  })

  test.each([
    ['that is none', Buffer.from('cards'), 'it must be an Avro object container file'],
    ['that is cut short', null, 'it must hold one record, and that whole'],
  ])('refuses a file %s', async (_, bytes, detail) => {
    const from = await world()
    const whole = readFileSync(await exported(from))
    const file = from.file('damaged.avro', bytes ?? whole.subarray(0, -1))
    expect((await commandLine(yaml).shoal(['model', 'import', file])).error).toContain(detail)
  })

  test('refuses a record whose checksum is wrong, and a file that is not there', async () => {
    const from = await world()
    const damaged = readFileSync(await exported(from))
    const record = Buffer.from(encodeModel(from.model))
    damaged[damaged.indexOf(record.subarray(0, 64)) + 200] ^= 1
    const { shoal } = commandLine(yaml)
    const { error } = await shoal(['model', 'import', from.file('damaged.avro', damaged)])
    expect(error).toContain('the model of the file (cards) is refused: its checksum is')
    expect((await shoal(['model', 'import', 'nowhere.avro'])).error).toContain('must be one that can be read')
  })
})
