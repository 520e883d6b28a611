import { describe, expect, it } from 'vitest'
import { merged } from '../../src/cli/merged.ts'

async function* counting(from: number, to: number, onEnd: () => void = () => {}): AsyncGenerator<number> {
  try {
    for (let at = from; at < to; at++) yield at
  } finally {
    onEnd()
  }
}

describe('merged sources', () => {
  it('give everything, each in its own order', async () => {
    const all = await Array.fromAsync(merged([counting(0, 5), counting(100, 103), counting(0, 0)], () => {}))
    expect(all.filter((value) => value < 100)).toEqual([0, 1, 2, 3, 4])
    expect(all.filter((value) => value >= 100)).toEqual([100, 101, 102])
  })

  it('end with the error of one', async () => {
    async function* failing(): AsyncGenerator<number> {
      yield 1
      throw new Error('the broker is gone')
    }
    await expect(Array.fromAsync(merged([failing(), counting(0, 3)], () => {}))).rejects.toThrow('the broker is gone')
  })

  it('let every source go when the reader stops', async () => {
    let ended = 0
    let stopped = 0
    const sources = [0, 1].map(() => counting(0, Number.POSITIVE_INFINITY, () => ended++))
    for await (const _ of merged(sources, () => stopped++)) break
    expect([stopped, ended]).toEqual([1, 2])
  })

  it('let a source go that gives one more thing after the reader has stopped', async () => {
    const stop = Promise.withResolvers<number>()
    async function* late(): AsyncGenerator<number> {
      yield await stop.promise
      yield 2
    }
    for await (const _ of merged([counting(0, 9), late()], () => stop.resolve(1))) break
    await stop.promise
  })

  it('ask a source for more only when what it gave has been taken', async () => {
    let given = 0
    async function* counted(): AsyncGenerator<number> {
      for (;;) yield given++
    }
    const reader = merged([counted()], () => {})
    for (let taken = 0; taken < 5; taken++) await reader.next()
    expect(given).toBeLessThanOrEqual(6)
    await reader.return()
  })
})
