import { describe, expect, it } from 'vitest'
import type { SourceEvent } from '../../src/cli/event-source.ts'
import { publishAll } from '../../src/cli/publishing.ts'
import type { Clock, EventLog } from '../../src/runtime/ports.ts'
import type { OutputRecord } from '../../src/stages/records.ts'

const topic = 'input'
const event = (name: string, bytes = 1): SourceEvent => ({
  key: null,
  value: Buffer.alloc(bytes, name),
  timestampMs: null,
})

async function* pieces(...all: readonly (readonly SourceEvent[])[]): AsyncGenerator<readonly SourceEvent[]> {
  yield* all
}

/** A log that notes what each request holds. */
function noting(fail: (request: number) => boolean = () => false) {
  const requests: OutputRecord[][] = []
  const log: Pick<EventLog, 'publish'> = {
    async publish(write) {
      const records: OutputRecord[] = []
      write({ append: (record) => records.push(record), sink: () => expect.fail('no record is written in place') })
      requests.push(records)
      if (fail(requests.length)) throw new Error('the broker is gone')
    },
  }
  return { log, requests }
}

/** Sleeping is all that takes time. */
function sleeper(): Clock & { readonly slept: number[] } {
  const slept: number[] = []
  let now = 0
  return {
    slept,
    now: () => now,
    date: () => now,
    sleep: async (ms) => {
      slept.push(ms)
      now += ms
    },
    yield: () => Promise.resolve(),
  }
}

const common = {
  topic,
  partitions: 1,
  signal: new AbortController().signal,
  rate: null,
  most: Number.POSITIVE_INFINITY,
}
const nothing = { onAcknowledged: () => Promise.resolve() }

describe('publishing', () => {
  it('keeps the order over all requests, and tells of events once they are acknowledged', async () => {
    const { log, requests } = noting()
    const many = Array.from({ length: 25_000 }, (_, index) => event(String(index % 10)))
    const acknowledged: SourceEvent[] = []
    const count = await publishAll(pieces(many.slice(0, 12_345), many.slice(12_345)), {
      ...common,
      log,
      clock: sleeper(),
      onAcknowledged: async (events) => {
        acknowledged.push(...events)
      },
    })
    expect(count).toBe(25_000)
    expect(requests.flat().map(({ value }) => value)).toEqual(many.map(({ value }) => value))
    expect(acknowledged).toEqual(many)
  })

  it('keeps each request below what a record batch of the default size takes, but for one event that is larger', async () => {
    const { log, requests } = noting()
    const events = [...Array.from({ length: 300 }, () => event('a', 10_000)), event('b', 2_000_000), event('c')]
    await publishAll(pieces(events), { ...common, ...nothing, log, clock: sleeper() })
    const sizes = requests.map((request) => request.reduce((sum, { value }) => sum + (value?.length ?? 0), 0))
    expect(sizes.filter((size) => size > 1_000_000)).toEqual([2_000_000])
    expect(requests.flat()).toHaveLength(302)
  })

  it('keeps to a rate by sleeping, twenty times a second', async () => {
    const { log, requests } = noting()
    const clock = sleeper()
    const events = Array.from({ length: 1_000 }, () => event('a'))
    await publishAll(pieces(events), { ...common, ...nothing, log, clock, rate: 500 })
    expect(clock.now()).toBeCloseTo(2_000)
    expect(requests.map((request) => request.length)).toEqual(Array(40).fill(25))
  })

  it('sends single events when the rate is low', async () => {
    const { log, requests } = noting()
    const clock = sleeper()
    await publishAll(pieces([event('a'), event('b')]), { ...common, ...nothing, log, clock, rate: 2 })
    expect(requests).toHaveLength(2)
    expect(clock.slept).toEqual([500, 500])
  })

  it('stops after so many', async () => {
    const { log, requests } = noting()
    const events = Array.from({ length: 100 }, () => event('a'))
    expect(await publishAll(pieces(events, events), { ...common, ...nothing, log, clock: sleeper(), most: 150 })).toBe(
      150,
    )
    expect(requests.flat()).toHaveLength(150)
  })

  it('ends with the error of the log, and does not count what was not acknowledged', async () => {
    const { log } = noting((request) => request === 2)
    const events = Array.from({ length: 40_000 }, () => event('a'))
    let acknowledged = 0
    const publishing = publishAll(pieces(events), {
      ...common,
      log,
      clock: sleeper(),
      onAcknowledged: async (part) => {
        acknowledged += part.length
      },
    })
    await expect(publishing).rejects.toThrow('the broker is gone')
    expect(acknowledged).toBe(10_000)
  })

  it('gives a record its own time, or the present', async () => {
    const { log, requests } = noting()
    await publishAll(pieces([{ ...event('a'), timestampMs: 77 }, event('b')]), {
      ...common,
      ...nothing,
      log,
      clock: sleeper(),
    })
    expect(requests.flat().map(({ timestamp }) => timestamp)).toEqual([77, 0])
  })
})
