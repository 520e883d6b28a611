/** Promise 6 for the topic of models itself: what is no version of ours is refused by name, and the one before it serves. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeModel } from '../../src/core/codec/model-codec.ts'
import type { Model } from '../../src/core/model/model.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { resealed, resealedAfter } from '../core/codec/resealing.ts'
import { ManualClock } from './manual-clock.ts'
import {
  bornModel,
  eventually,
  type Following,
  following,
  makeTopics,
  modelWorld,
  publishVersion,
  topics,
} from './model-world.ts'

const clock = new ManualClock()
const model = bornModel()
let stop: AbortController
let log: EventLog

beforeEach(async () => {
  stop = new AbortController()
  log = modelWorld(clock).log
  await makeTopics(log)
})
afterEach(() => stop.abort())

const whole = encodeModel({ ...model, version: 2 })
const recordOf = (body: Uint8Array) => Buffer.concat([Buffer.alloc(wireHeaderBytes), body])

async function publish(value: Uint8Array, times = 1): Promise<void> {
  await log.publish((outputs) => {
    for (let i = 0; i < times; i++) {
      outputs.append({ topic: topics.models, partition: 0, key: Buffer.from(`stray ${i}`), value, timestamp: 1 })
    }
  })
}

/** One that follows now, and fails the test when it throws. */
function started(): Following {
  const one = following(log, null)
  void one.follower.run(stop.signal)
  return one
}

async function reaches({ follower }: Following, version: number): Promise<void> {
  await eventually(() => expect(follower.current()?.scorer.version).toBe(version))
}

const kinds: readonly (readonly [string, string, Uint8Array])[] = [
  ['a stranger’s', 'snapshot.damaged', Buffer.from('{"hello":"world"}')],
  ['empty', 'snapshot.damaged', Buffer.alloc(0)],
  ['flipped in a bit', 'snapshot.damaged', recordOf(Buffer.from(whole).fill(whole[50] ^ 1, 50, 51))],
  ['cut short', 'snapshot.damaged', recordOf(whole.subarray(0, -1))],
  ['of other columns', 'snapshot.damaged', recordOf(encodeModel(ofColumns(1)))],
  ['another configuration’s', 'snapshot.foreign', recordOf(encodeModel({ ...model, fingerprint: 'feedfacecafebeef' }))],
  ['a newer release’s', 'snapshot.newer_format', recordOf(resealedAfter(whole, (body) => void body.writeInt8(4, 0)))],
]

/** The model with so many of its columns, under the fingerprint of all: no release writes such. */
function ofColumns(d: number): Model {
  const { clusters, whole: all } = model
  const cut = (values: Float64Array) => values.filter((_, c) => c % model.d < d)
  return {
    ...model,
    d,
    floor: model.floor.slice(0, d),
    clusters: { ...clusters, d, mean: cut(clusters.mean), m2: cut(clusters.m2) },
    whole: { ...all, d, mean: cut(all.mean), m2: cut(all.m2) },
  }
}

describe.each(kinds)('a record of the topic of models that is %s', (_, code, value) => {
  test('is refused by name, once, and the version before it serves until there is a newer one', async () => {
    await publishVersion(log, model, 1)
    const one = started()
    await reaches(one, 1)
    await publish(value)
    await eventually(() => expect(one.health.line()).toContain('starting: model: the model at offset 1 of models is'))
    expect(one.follower.current()?.scorer.version).toBe(1)
    expect(one.telemetry.counted('shoal_models_refused_total', { code })).toBe(1)
    const errors = one.telemetry.log.lines.filter(({ level }) => level === 'error')
    expect(errors).toMatchObject([{ fields: { code } }])
    await publishVersion(log, model, 2)
    await reaches(one, 2)
    expect(one.health.line()).toBe('starting')
  })

  test('does not hide the version before it from a process that starts, however many there are', async () => {
    await publishVersion(log, model, 1)
    await publish(value, 200)
    const one = started()
    await reaches(one, 1)
    await eventually(() => expect(one.telemetry.counted('shoal_models_refused_total', { code })).toBe(200))
    await one.follower.reach(201, stop.signal)
    expect(one.follower.hasRefused).toBe(true)
  })

  test('keeps nobody waiting who waits for what was written', async () => {
    await publish(value)
    const one = started()
    await one.follower.reach(1, stop.signal)
    expect(one.follower.current()).toBeNull()
  })
})

test('a follower that starts again speaks of what it has refused no second time', async () => {
  await publishVersion(log, model, 1)
  await publish(Buffer.from('stray'))
  const one = following(log, null)
  for (let i = 0; i < 2; i++) {
    const round = new AbortController()
    const running = one.follower.run(round.signal)
    await eventually(() => expect(one.follower.hasRefused).toBe(true))
    await one.follower.reach(2, round.signal)
    round.abort()
    await running
  }
  expect(one.telemetry.counted('shoal_models_refused_total')).toBe(1)
})

describe('training goes on from', () => {
  const nothing = Buffer.from('nothing')
  const foreign = kinds[5][2]
  const newer = kinds[6][2]

  /** The version that is trained from when these lie in the topic, `version` standing for one of ours. */
  async function trainedFrom(...values: readonly (Uint8Array | 'version')[]): Promise<number | null> {
    for (const value of values) await (value === 'version' ? publishVersion(log, model, 7) : publish(value))
    const one = started()
    await one.follower.reach(values.length, stop.signal)
    return one.follower.toTrainFrom()?.scorer.version ?? null
  }

  test.each<[string, readonly (Uint8Array | 'version')[], number | null]>([
    ['nothing when there is nothing', [], null],
    ['nothing when there is nothing but what is nobody’s', [nothing, nothing], null],
    ['the version before what is nobody’s', ['version', nothing], 7],
    ['the version before another configuration’s', ['version', foreign], 7],
    ['the version behind them', [newer, foreign, nothing, 'version'], 7],
  ])('%s', async (_, values, expected) => {
    expect(await trainedFrom(...values)).toBe(expected)
  })

  test.each<[string, readonly (Uint8Array | 'version')[], string]>([
    ['nowhere past a newer release’s', ['version', newer], 'snapshot.newer_format'],
    [
      'nowhere past a newer release’s, whatever follows it',
      ['version', newer, foreign, nothing],
      'snapshot.newer_format',
    ],
    ['nowhere beside another configuration’s alone', [nothing, foreign, nothing], 'snapshot.foreign'],
  ])('%s', async (_, values, code) => {
    await expect(trainedFrom(...values)).rejects.toMatchObject({ code })
  })
})

test('a record that is sealed but holds nothing is no model', async () => {
  await publish(recordOf(resealed(Buffer.of(2))))
  const one = started()
  await one.follower.reach(1, stop.signal)
  expect(one.telemetry.counted('shoal_models_refused_total')).toBe(1)
})
