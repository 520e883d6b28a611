import { describe, expect, test } from 'vitest'
import { isGradual, note } from '../../../src/core/drift/passing.ts'
import { DriftStream } from './drift-stream.ts'

const [column, quiet] = [2, 0.025]

/** Of a feature that had these distances in the last windows, and none to speak of in those before. */
function cameSlowly(distances: readonly number[]): boolean {
  const { drift } = new DriftStream(1).model
  for (const distance of [...Array<number>(16).fill(quiet), ...distances]) {
    drift.closed += 1
    note(drift, new Float64Array(drift.kinds.length).fill(quiet).with(column, distance), 0, 0)
  }
  return isGradual(drift, column)
}

describe('a distance comes to where it is', () => {
  test('little by little when two windows or more were on the way', () => {
    expect(cameSlowly([0.05, 0.11, 0.155, 0.2])).toBe(true)
    expect(cameSlowly([0.06, 0.13, 0.19, 0.25])).toBe(true)
    expect(cameSlowly([0.09, 0.21, 0.29, 0.38, 0.38])).toBe(true)
  })

  test('at once when it began within a window, and what is like what is now is not on the way', () => {
    expect(cameSlowly([0.25])).toBe(false)
    expect(cameSlowly([0.13, 0.25])).toBe(false)
    expect(cameSlowly([0.13, 0.23, 0.25])).toBe(false)
    expect(cameSlowly([0.13, 0.27, 0.25, 0.26])).toBe(false)
  })

  test('at once where chance may be all that lies between', () => {
    expect(cameSlowly([0.045, 0.09, 0.2])).toBe(false)
    expect(cameSlowly([0.08, 0.12, 0.14])).toBe(false)
  })
})
