import { expect, test } from 'vitest'
import { Fifo } from './fifo.ts'

test('what comes first goes first, however many wait and go in between', () => {
  const queue = new Fifo<number>()
  const seen: (number | undefined)[] = []
  let next = 0
  for (let round = 0; round < 100; round++) {
    for (let i = 0; i < 50; i++) queue.push(next++)
    for (let i = 0; i < 49; i++) seen.push(queue.shift())
  }
  expect(queue.length).toBe(100)
  expect(queue.first).toBe(4900)
  expect(seen).toEqual(Array.from({ length: 4900 }, (_, i) => i))
})

test('an empty one gives nothing', () => {
  const queue = new Fifo<number>()
  queue.push(1)
  queue.shift()
  expect([queue.shift(), queue.first, queue.length]).toEqual([undefined, undefined, 0])
})
