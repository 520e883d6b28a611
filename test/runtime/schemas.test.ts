import { beforeEach, expect, test } from 'vitest'
import type { Projection } from '../../src/core/fields/fields.ts'
import { ShoalError } from '../../src/runtime/errors.ts'
import { Health } from '../../src/runtime/health.ts'
import type { SchemaRegistry, WriterSchema } from '../../src/runtime/ports.ts'
import { resolveSchemas } from '../../src/runtime/schemas.ts'
import type { RecordBatch } from '../../src/stages/records.ts'
import { ManualClock } from './manual-clock.ts'
import { eventually } from './model-world.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

const schema: WriterSchema = { type: 'AVRO', text: '"string"', references: [] }

let clock: ManualClock
let health: Health
let stop: AbortController
/** What the projection was told of schema 7. */
let told: unknown[]
/** Answers to the questions that were put to the registry, each given by the test. */
let asked: PromiseWithResolvers<WriterSchema | null>[]

beforeEach(() => {
  clock = new ManualClock()
  health = new Health(recordedTelemetry())
  health.running()
  health.modelKnown()
  stop = new AbortController()
  told = []
  asked = []
})

function resolving(): Promise<boolean> {
  const projection: Projection = {
    unresolved: () => [7],
    resolve: (_, given) => void told.push(given),
    project: () => undefined,
    forgetUnknown: () => undefined,
  }
  const registry: SchemaRegistry = {
    register: () => Promise.reject(new Error('nothing is registered here')),
    lookup: () => {
      asked.push(Promise.withResolvers())
      return asked.at(-1)!.promise
    },
    close: async () => undefined,
  }
  return resolveSchemas({ projection, registry, clock, health }, { count: 1 } as RecordBatch, stop.signal)
}

test('a registry that takes its time is named after 5 s, and what it answers in the end is used', async () => {
  const done = resolving()
  clock.advance(4_999)
  expect(health.line()).toBe('serving')
  clock.advance(1)
  await eventually(() => expect(health.line()).toBe('degraded: registry: no answer for 5000 ms'))
  clock.advance(15_000)
  asked[0].resolve(schema)
  expect(await done).toBe(true)
  expect([told, health.line()]).toEqual([[schema], 'serving'])
})

test('a registry that fails is asked again, and an id that it does not know is told as such', async () => {
  const done = resolving()
  asked[0].reject(new ShoalError('registry.unavailable', 'it is busy'))
  await eventually(() => expect(health.line()).toBe('degraded: registry: it is busy'))
  await eventually(() => {
    clock.advance(100)
    expect(asked).toHaveLength(2)
  })
  asked[1].resolve(null)
  expect(await done).toBe(true)
  expect([told, health.line()]).toEqual([[null], 'serving'])
})

test('who must stop does not wait for an answer, and leaves nothing in the health', async () => {
  const done = resolving()
  clock.advance(5_000)
  await eventually(() => expect(health.line()).toContain('registry'))
  stop.abort()
  expect(await done).toBe(false)
  expect([told, health.line()]).toEqual([[], 'serving'])
  asked[0].reject(new ShoalError('registry.unavailable', 'too late'))
  await clock.yield()
  expect(health.line()).toBe('serving')
  expect(clock.sleepers).toBe(0)
})
