import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Passage } from '../../src/runtime/passage.ts'

test('a record is as old as the first look that saw it, and one that no look has seen has no age', () => {
  const passage = new Passage()
  passage.seen(10, 1_000)
  passage.seen(20, 6_000)
  expect(passage.ageMs(9, 7_000)).toBe(6_000)
  expect(passage.ageMs(10, 7_000)).toBe(1_000)
  expect(passage.ageMs(20, 7_000)).toBe(0)
})

test('an end that stands still makes nothing younger', () => {
  const passage = new Passage()
  for (let second = 0; second < 1_000; second++) passage.seen(10, second * 1_000)
  expect(passage.ageMs(0, 1_000_000)).toBe(1_000_000)
})

test('an end that has moved back is that of another log: what was seen before says nothing of it', () => {
  const passage = new Passage()
  passage.seen(100, 1_000)
  passage.seen(5, 9_000)
  expect(passage.ageMs(0, 10_000)).toBe(1_000)
})

test('a position that has not moved for days keeps the age of its record, however much came after it', () => {
  const passage = new Passage()
  for (let look = 0; look < 50_000; look++) {
    passage.seen(10 + look, look * 5_000)
    passage.done(3)
  }
  expect(passage.ageMs(3, 250_000_000)).toBe(250_000_000)
})

test('the age is never above the true one, and within two looks below it while fewer than a hundred are remembered', () => {
  const steps = fc.array(fc.record({ came: fc.nat(5), committed: fc.nat(5) }), { minLength: 1, maxLength: 100 })
  fc.assert(
    fc.property(steps, (looks) => {
      const passage = new Passage()
      const cameAtMs: number[] = []
      let position = 0
      looks.forEach(({ came, committed }, i) => {
        const nowMs = (i + 1) * 1_000
        for (let each = 0; each < came; each++) cameAtMs.push(nowMs - 500)
        passage.seen(cameAtMs.length, nowMs)
        position = Math.min(position + committed, cameAtMs.length)
        passage.done(position)
        const trueAge = position < cameAtMs.length ? nowMs - cameAtMs[position] : 0
        expect(passage.ageMs(position, nowMs)).toBeLessThanOrEqual(trueAge)
        expect(passage.ageMs(position, nowMs)).toBeGreaterThanOrEqual(trueAge - 500)
      })
    }),
  )
})
