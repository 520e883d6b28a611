import { expect, test } from 'vitest'
import { MemorySamples } from './memory-samples.ts'

function sampled(of: (i: number) => number, count = 180): MemorySamples {
  const samples = new MemorySamples()
  for (let i = 0; i < count; i++) samples.add('one', of(i))
  return samples
}

test('memory that stays where it came to after starting has not grown, whatever single samples say', () => {
  expect(sampled((i) => (i < 60 ? 100 + i : i % 10 === 0 ? 190 : 130)).growth?.megabytes).toBe(0)
})

test('memory that leaks has grown', () => {
  expect(sampled((i) => 100 + 2 * i).growth?.megabytes).toBe(120)
})

test('a process that lived too shortly says nothing', () => {
  expect(sampled((i) => 100 + i, 50).growth).toBeNull()
})

test('the peak is the largest sample of any process', () => {
  const samples = sampled((i) => i)
  samples.add('another', 300)
  expect(samples.peakMegabytes).toBe(300)
})
