import { describe, expect, it } from 'vitest'
import { randomFor, WeightedChoice } from '../../src/generator/chance.ts'

describe('a weighted choice', () => {
  it('draws each index in proportion to its weight', () => {
    const weights = [1, 0, 5, 2, 0.5, 11.5]
    const choice = new WeightedChoice(weights)
    const random = randomFor(1, 'test')
    const drawn = new Array<number>(weights.length).fill(0)
    for (let i = 0; i < 200_000; i++) drawn[choice.draw(random)]++
    for (const [index, weight] of weights.entries()) expect(drawn[index] / 200_000).toBeCloseTo(weight / 20, 2)
    expect(drawn[1]).toBe(0)
  })

  it('needs a positive weight', () => {
    expect(() => new WeightedChoice([0, 0])).toThrow('weights must have a positive sum: got 0')
  })
})

describe('the draws of a purpose', () => {
  it('differ from those of another purpose and another seed', () => {
    const first = (seed: number, purpose: string) => randomFor(seed, purpose).uniform()
    expect(new Set([first(1, 'a'), first(1, 'b'), first(2, 'a'), first(2, 'b')]).size).toBe(4)
    expect(first(1, 'a')).toBe(first(1, 'a'))
  })
})
