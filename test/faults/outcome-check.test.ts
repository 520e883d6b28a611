import { expect, test } from 'vitest'
import type { Outcome } from '../stack/outcomes.ts'
import { noCounts, OutcomeCheck } from './outcome-check.ts'

const outcome = (offset: number, text = `event ${offset}`): Outcome => ({
  kind: 'assignment',
  partition: 0,
  offset,
  text,
})

function judged(found: readonly Outcome[], due: readonly Outcome[] = [1, 2, 3, 5].map((offset) => outcome(offset))) {
  const counts = noCounts()
  const findings: string[] = []
  const check = new OutcomeCheck(counts, findings)
  // Half of what is due is told only after the outcomes have come.
  for (const each of due.slice(0, 2)) check.due(each)
  for (const each of found) check.found(each)
  for (const each of due.slice(2)) check.due(each)
  check.close()
  return { ...counts, findings: findings.length }
}

const whole = { events: 4, duplicates: 0, losses: 0, orderBreaks: 0, wrong: 0, findings: 0 }

test('what is due, once each and in order, is found in order', () => {
  expect(judged([1, 2, 3, 5].map((offset) => outcome(offset)))).toEqual(whole)
})

test('an outcome that never comes is a loss, in the middle and at the end', () => {
  expect(judged([1, 3, 5].map((offset) => outcome(offset)))).toMatchObject({ events: 3, losses: 1, findings: 1 })
  expect(judged([1, 2, 3].map((offset) => outcome(offset)))).toMatchObject({ events: 3, losses: 1, findings: 1 })
})

test('an outcome that comes again is a duplicate, at once, later and at the end', () => {
  for (const order of [
    [1, 1, 2, 3, 5],
    [1, 2, 3, 1, 5],
    [1, 2, 3, 5, 5],
  ]) {
    expect(judged(order.map((offset) => outcome(offset)))).toMatchObject({ events: 4, duplicates: 1, losses: 0 })
  }
})

test('an outcome that comes after that of a later event is an order break and no loss', () => {
  expect(judged([1, 3, 2, 5].map((offset) => outcome(offset)))).toMatchObject({ ...whole, orderBreaks: 1, findings: 2 })
})

test('an outcome with another content is wrong', () => {
  expect(judged([outcome(1), outcome(2, 'another'), outcome(3), outcome(5)])).toMatchObject({ events: 4, wrong: 1 })
})

test('an outcome of no event is too much', () => {
  expect(judged([1, 2, 3, 4, 5].map((offset) => outcome(offset)))).toMatchObject({ events: 4, duplicates: 1 })
})

test('an event that retention deleted before it was read needs no outcome, and those behind it still do', () => {
  const counts = noCounts()
  const check = new OutcomeCheck(counts, [])
  for (const offset of [1, 2, 3, 5]) check.due(outcome(offset))
  check.found(outcome(1))
  expect(check.waive(3)).toBe(1)
  check.found(outcome(3))
  check.close()
  expect(counts).toMatchObject({ events: 2, losses: 1, duplicates: 0 })
})
