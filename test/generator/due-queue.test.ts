import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DueQueue } from '../../src/generator/due-queue.ts'

describe('what is due', () => {
  it('leaves earliest first, and in the order it came where times are equal', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (dues) => {
        const queue = new DueQueue<number>()
        for (const [index, due] of dues.entries()) queue.add(due, index)
        const taken = dues.map(() => queue.take())
        expect(taken).toEqual(dues.map((_, index) => index).sort((a, b) => dues[a] - dues[b] || a - b))
        expect(queue.nextDue).toBe(Number.POSITIVE_INFINITY)
      }),
    )
  })

  it('cannot be taken when there is nothing', () => {
    expect(() => new DueQueue<number>().take()).toThrow(RangeError)
  })
})
