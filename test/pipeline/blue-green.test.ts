/** Two deployments beside one another on the embedded log: promoted there and back under load, while processes come and go. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { lagOf } from '../../src/runtime/lag.ts'
import { clusteredRows } from '../core/model/sample-model.ts'
import { assigned, blue, greenSettings, handOvers, promote } from './deployments.ts'
import { d, type ReadRecord, readTopic, until } from './harness.ts'
import { Processes } from './processes.ts'

const partitions = 3
const each = 100
const brokenEach = 50
const mostRows = 30_000
const mostBehind = 1_500
const green = greenSettings()
const rows = clusteredRows(mostRows, d, 4, 11)
const processes = new Processes()
const { log } = processes

async function behind(name: string): Promise<number> {
  return [...(await lagOf(log, name, 'events')).values()].reduce((sum, lag) => sum + lag, 0)
}

async function load(signal: AbortSignal): Promise<void> {
  for (let from = 0; from < mostRows && !signal.aborted; ) {
    await systemClock.sleep(10, signal)
    if (Math.max(await behind('blue'), await behind('green')) > mostBehind) continue
    await log.publish((outputs) => {
      for (let i = from; i < from + each; i++) {
        const fields = Array.from({ length: d }, (_, c) => `"x${c}":${rows[i * d + c]}`).join(',')
        const value = Buffer.from(i % brokenEach === 7 ? `{"id":"e${i}",` : `{"id":"e${i}",${fields}}`)
        // The last partition has none for most of the time: it is handed over all the same.
        const partition = i < 500 ? i % partitions : i % (partitions - 1)
        outputs.append({ topic: 'events', partition, key: null, value, timestamp: 1_000_000 + i })
      }
    })
    from += each
  }
}

async function untilHandedOver(to: string): Promise<void> {
  let said = ''
  await until(
    async () => {
      const last = new Map((await handOvers(log)).map((of) => [of.partition, of.deployment]))
      said = JSON.stringify([...last])
      return last.size === partitions && [...last.values()].every((deployment) => deployment === to)
    },
    () => `all is to be of ${to}: ${said}; ${processes.line()}`,
  )
}

/** Until so many more events have their public outcome. */
async function untilWritten(events: number): Promise<void> {
  const before = (await readTopic(log, blue.topics.assignments)).length
  await until(
    async () => (await readTopic(log, blue.topics.assignments)).length >= before + events,
    () => `${events} more assignments; ${processes.line()}`,
  )
}

describe('a deployment that is born beside another, promoted, and sent back', () => {
  let input: readonly ReadRecord[] = []
  let written: Awaited<ReturnType<typeof assigned>> = []
  let given: Awaited<ReturnType<typeof handOvers>> = []

  beforeAll(async () => {
    await log.prepare([{ topic: 'events', partitions, cleanup: 'delete', owner: 'shoal' }], true)
    const enough = new AbortController()
    const loading = load(enough.signal)
    const first = processes.start(blue)
    await untilWritten(1500)
    const beside = [processes.start(green), processes.start(green)]
    await until(
      async () => (await assigned(log, green.topics.shadow!.assignments)).length > 1500,
      () => `a shadow that learns: ${beside.map(({ health }) => health.line()).join('; ')}`,
    )
    await promote(log, 'green')
    await untilHandedOver('green')
    await untilWritten(1500)
    // One of them hangs while it is the primary, and one of those that were comes and goes.
    const wake = processes.fallSilent(beside[0]!)
    const second = processes.start(blue)
    await processes.stop(first)
    await untilWritten(1000)
    wake()
    await promote(log, 'blue')
    await untilHandedOver('blue')
    await untilWritten(1500)
    enough.abort()
    await loading
    await until(
      async () => (await behind('blue')) + (await behind('green')) === 0,
      () => 'no lag of either',
    )
    await processes.stop(second)
    input = await readTopic(log, 'events')
    written = await assigned(log, blue.topics.assignments)
    given = await handOvers(log)
  }, 120_000)

  afterAll(() => processes.stopAll())

  const isValid = ({ value }: ReadRecord) => value!.toString().endsWith('}')
  const placesOf = (records: readonly { readonly partition: number; readonly offset: number }[]) =>
    records.map(({ partition, offset }) => [partition, offset])

  test('gives every valid event one assignment and every invalid one a dead letter, in order, over both', async () => {
    const due = input.filter(isValid)
    expect(placesOf(written)).toEqual(placesOf(due))
    const letters = await readTopic(log, blue.topics.deadLetters)
    expect(letters).toHaveLength(input.length - due.length)
  })

  test('changes whose the assignments are exactly where the topic of primaries says', () => {
    expect(given).toHaveLength(2 * partitions)
    for (const { partition, offset, fingerprint } of written) {
      const last = given.filter((of) => of.partition === partition && of.fromOffset <= offset).at(-1)
      expect(fingerprint).toBe(last?.deployment === 'green' ? green.fingerprint : blue.fingerprint)
    }
    expect(new Set(written.map(({ fingerprint }) => fingerprint)).size).toBe(2)
  })

  test('has in the topics of shadows what was the other’s, and nothing else', async () => {
    for (const settings of [blue, green]) {
      const shadow = await assigned(log, settings.topics.shadow!.assignments)
      const own = written.filter(({ fingerprint }) => fingerprint === settings.fingerprint)
      const all = [...placesOf(shadow), ...placesOf(own)].sort(([p, o], [q, r]) => p! - q! || o! - r!)
      expect(all).toEqual(placesOf(input.filter(isValid)))
      expect(shadow.every(({ fingerprint }) => fingerprint === settings.fingerprint)).toBe(true)
    }
  })

  test('tells of each hand-over what it means, with who and why', async () => {
    const told = (await readTopic(log, blue.topics.driftEvents)).map(({ value }) => value!.toString('latin1'))
    const handed = told.filter((text) => text.includes('deployment.handedOver'))
    expect(handed).toHaveLength(partitions)
    expect(handed[0]).toContain('a test')
  })
})
