import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Random } from '../../../src/core/kmeans/random.ts'

test('from the state 1, 2, 3, 4 the generator gives the words of the reference C code', () => {
  const random = new Random(0)
  random.state.set([1, 2, 3, 4])
  const words = Array.from({ length: 1000 }, () => random.bits32())
  expect(words.slice(0, 6)).toEqual([11520, 0, 5927040, 70819200, 2031721883, 1637235492])
  expect(words[999]).toBe(3170714187)
})

test('the same seed gives the same sequence, and a restored state resumes it', () => {
  const a = new Random(42)
  const b = new Random(42)
  expect(Array.from({ length: 50 }, () => a.bits32())).toEqual(Array.from({ length: 50 }, () => b.bits32()))
  b.state.set(a.state)
  expect(b.gaussian()).toBe(a.gaussian())
})

test('any seed, of one word or two, gives a state that is not all zero', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (seed) => {
      expect(new Random(seed).state.some((word) => word !== 0)).toBe(true)
    }),
  )
})

test('a seed that is not an integer is refused by value', () => {
  expect(() => new Random(0.5)).toThrow('0.5')
})

test('uniform lies in [0, 1) and below(n) in [0, n), whatever the state', () => {
  const words = fc.uint32Array({ minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (state, n) => {
      const random = new Random(0)
      random.state.set(state)
      const u = random.uniform()
      expect(u >= 0 && u < 1).toBe(true)
      const i = random.below(n)
      expect(Number.isInteger(i) && i >= 0 && i < n).toBe(true)
    }),
  )
})

test('uniform, below and gaussian have the moments of what they are named after', () => {
  const random = new Random(7)
  const n = 100_000
  let uniform = 0
  let uniformSquares = 0
  let gaussian = 0
  let gaussianSquares = 0
  const faces = new Float64Array(6)
  for (let i = 0; i < n; i++) {
    const u = random.uniform()
    uniform += u / n
    uniformSquares += (u * u) / n
    const g = random.gaussian()
    gaussian += g / n
    gaussianSquares += (g * g) / n
    faces[random.below(6)] += 6 / n
  }
  // Five standard errors each.
  expect(Math.abs(uniform - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n))
  expect(Math.abs(uniformSquares - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / n))
  expect(Math.abs(gaussian)).toBeLessThan(5 / Math.sqrt(n))
  expect(Math.abs(gaussianSquares - 1)).toBeLessThan(5 * Math.sqrt(2 / n))
  for (const face of faces) expect(Math.abs(face - 1)).toBeLessThan(5 * Math.sqrt(5 / n))
})
