import { afterEach, describe, expect, test } from 'vitest'
import { computingThread } from '../../../src/adapters/threads/computing-thread.ts'
import { encodeModel } from '../../../src/core/codec/model-codec.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { type Computation, finish } from '../../../src/core/kmeans/steps.ts'
import { examinationOf } from '../../../src/core/quality/examination.ts'
import { refitOf } from '../../../src/core/upkeep/refit.ts'
import { upkeepSteps } from '../../../src/core/upkeep/upkeep-step.ts'
import { Elsewhere } from '../../../src/runtime/elsewhere.ts'
import { inTurns } from '../../../src/runtime/in-turns.ts'
import type { Computer } from '../../../src/runtime/ports.ts'
import { bornFrom, clusteredRows, numericPlan } from '../../core/model/sample-model.ts'

/** So large that it is computed elsewhere. */
const [n, d, k] = [4000, 20, 50]

const said: string[] = []
const opened: Computer[] = []
const open = () => {
  const computer = computingThread({ warn: (message) => void said.push(message) })
  opened.push(computer)
  return computer
}

afterEach(async () => {
  for (const computer of opened.splice(0)) await computer.close()
  said.splice(0)
})

/** Rows that a refit finds better centroids for, and others that were examined before. */
function inputs(): readonly Computation[] {
  const random = new Random(3)
  const some = (count: number) => Float64Array.from({ length: count }, () => random.gaussian())
  const weight = Float64Array.from({ length: n }, () => 1 + random.uniform())
  const data = { n, d, rows: clusteredRows(n, d, k, 2), weight, inverseScale: new Float64Array(d).fill(1) }
  return [
    refitOf({ data, present: some(k * d), k, seed: 9 }),
    examinationOf({ data, centroids: some(k * d), before: some(k * d), k }),
    examinationOf({ data, centroids: some(k * d), before: null, k }),
  ]
}

const turns = { yield: () => Promise.resolve() }
const elsewhere = (computer: Pick<Computer, 'compute'>) => new Elsewhere(computer, { now: () => 0 })

describe('a computing thread', () => {
  test('gives what this thread gives, to the bit, many at a time', async () => {
    const computer = open()
    const computations = inputs()
    const given = await Promise.all(computations.map(({ name, input }) => computer.compute(name, input)))
    expect(given).toEqual(computations.map(({ steps }) => finish(steps())))
    expect(said).toEqual([])
  })

  test('looks after the clusters of a model as this thread does', async () => {
    const rows = clusteredRows(n, d, k, 2)
    const born = () => bornFrom(numericPlan(d), rows, n, k)
    const [there, here] = [born(), born()]
    await inTurns(upkeepSteps(there), turns, elsewhere(open()))
    finish(upkeepSteps(here))
    expect(Buffer.from(encodeModel(there)).equals(encodeModel(here))).toBe(true)
    expect(there.quality.record).not.toBeNull()
  })

  test('is not asked for what takes a moment', async () => {
    const small = (data = clusteredRows(300, 2, 3, 2)) => bornFrom(numericPlan(2), data, 300, 3)
    const [there, here] = [small(), small()]
    await inTurns(upkeepSteps(there), turns, elsewhere({ compute: (name) => Promise.reject(said.push(name)) }))
    finish(upkeepSteps(here))
    expect(said).toEqual([])
    expect(Buffer.from(encodeModel(there)).equals(encodeModel(here))).toBe(true)
  })

  test('refuses what it does not know, says so, and goes on', async () => {
    const computer = open()
    await expect(computer.compute('unknown', null)).rejects.toThrow()
    expect(said).toEqual(['a computation failed beside the main thread, and is done in it'])
    const [refit] = inputs()
    expect(await computer.compute(refit.name, refit.input)).toEqual(finish(refit.steps()))
  })

  test('that ends leaves what it was asked for to this thread, and another one is started', async () => {
    const computer = open()
    const [refit, examination] = inputs()
    const left = inTurns(
      (function* () {
        return yield refit
      })(),
      turns,
      elsewhere(computer),
    )
    await computer.close()
    expect(await left).toEqual(finish(refit.steps()))
    expect(said).toEqual(['the computing thread has ended; the main thread computes'])
    expect(await computer.compute(examination.name, examination.input)).toEqual(finish(examination.steps()))
  })
})
