import { expect, test } from 'vitest'
import type { Computation } from '../../src/core/kmeans/steps.ts'
import { Elsewhere } from '../../src/runtime/elsewhere.ts'

const small: Computation = { name: 'small', input: null, stepWork: 1000, steps: () => emptySteps() }

function* emptySteps() {}

/** A computation takes so long, and is done so often; says of each where it was done. */
async function places(tookMs: number, everyMs: number, rounds: number, computer = () => Promise.resolve('there')) {
  let nowMs = 0
  const elsewhere = new Elsewhere({ compute: computer }, { now: () => nowMs })
  const done: unknown[] = []
  for (let round = 0; round < rounds; round++) {
    nowMs = round * everyMs
    const here = () => Promise.resolve('here')
    const result = elsewhere.result(small, here)
    nowMs += tookMs
    done.push(await result)
  }
  return done
}

test('what takes little of the time is done here, however long it goes on', async () => {
  expect(new Set(await places(50, 1000, 500))).toEqual(new Set(['here']))
})

test('what takes much of the time is soon done elsewhere, and stays there', async () => {
  const done = await places(100, 250, 200)
  const first = done.indexOf('there')
  expect(first).toBeGreaterThan(5)
  expect(first).toBeLessThan(20)
  expect(new Set(done.slice(first))).toEqual(new Set(['there']))
})

test('the first seconds of a model, in which much is computed, are not enough', async () => {
  expect(new Set(await places(50, 400, 15))).toEqual(new Set(['here']))
})

test('what fails elsewhere is done here', async () => {
  expect(new Set(await places(100, 250, 50, () => Promise.reject(new Error('gone'))))).toEqual(new Set(['here']))
})
