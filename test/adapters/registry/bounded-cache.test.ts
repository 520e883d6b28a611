import { expect, test } from 'vitest'
import { BoundedCache } from '../../../src/adapters/registry/bounded-cache.ts'

test('never holds more than its limit', () => {
  const cache = new BoundedCache<number, number>(3)
  for (let key = 0; key < 1000; key++) cache.set(key, key)
  expect(cache.size).toBe(3)
  expect([996, 997, 998, 999].map((key) => cache.get(key))).toEqual([undefined, 997, 998, 999])
})

test('forgets what was used longest ago', () => {
  const cache = new BoundedCache<string, number>(2)
  cache.set('a', 1)
  cache.set('b', 2)
  cache.get('a')
  cache.set('c', 3)
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([1, undefined, 3])
})

test('setting a key again replaces its value and takes no more room', () => {
  const cache = new BoundedCache<string, number>(2)
  cache.set('a', 1)
  cache.set('b', 2)
  cache.set('a', 3)
  expect([cache.size, cache.get('a'), cache.get('b')]).toEqual([2, 3, 2])
})
