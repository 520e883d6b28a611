/** Poison on the real stack: each bad event is one dead letter with its reason, and nothing else suffers. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reasonMeaning } from '../../src/core/invalid.ts'
import { deadLetterHeaders } from '../../src/stages/dead-letter.ts'
import { decodeAssignment, type ReadRecord } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { newPayments, type Payments, registerWriters, type SentEvent } from './payments.ts'
import { goodAvro, goodJson, mixed, poisonedAvro, poisonedJson, type TestEvent } from './poison-events.ts'
import type { ShoalProcess } from './shoal-process.ts'

/** What the process may take at its peak. Without events it takes 180 MB; 200 million of anything would take 1.6 GB. */
const boundBytes = 400 * 1024 * 1024

describeWith(['kafka', 'registry', 'redis'], 'poison', (addresses) => {
  const avro = async () => {
    const ids = await registerWriters(addresses.registry)
    return { good: (n: number, seed: number) => goodAvro(ids, n, seed), poison: poisonedAvro(ids) }
  }
  const json = async () => ({ good: goodJson, poison: poisonedJson() })

  describe.each([
    ['avro', avro],
    ['json', json],
  ] as const)('in %s', (format, eventsOf) => {
    let payments: Payments
    let running: ShoalProcess
    let letters: ReadRecord[]

    beforeAll(async () => {
      payments = await newPayments(addresses, format)
      const { good, poison } = await eventsOf()
      const small = poison.filter(({ value }) => value === null || value.length < 1_000_000)
      // In the head, which the model is born from, and behind it; then much of it, and then good ones alone.
      await payments.send(mixed(good(300, 1), poison, 10))
      await payments.send(mixed(good(300, 2), poison, 10))
      running = await payments.start()
      await payments.done(running)
      await payments.send(Array.from({ length: 50 }, () => small).flat())
      await payments.send(good(100, 3))
      await payments.done(running)
      letters = await payments.read(payments.topics.deadLetters)
    })

    afterAll(() => payments?.discard())

    test('every bad event is one dead letter with its reason, every other has an assignment, in order', async () => {
      const assignments = (await payments.read(payments.topics.assignments)).map(decodeAssignment)
      const found = [
        ...assignments.map(({ partition, offset }) => ({ partition, offset, reason: null })),
        ...letters.map((letter) => ({
          partition: letter.partition,
          offset: Number(headerOf(letter, deadLetterHeaders.offset)),
          reason: headerOf(letter, deadLetterHeaders.reason),
        })),
      ].sort(byPlace)
      expect(found).toEqual(
        [...payments.sent].sort(byPlace).map(({ partition, offset, reason }) => ({ partition, offset, reason })),
      )
    })

    test('a dead letter keeps value, key, timestamp and headers, and says where it comes from and why', () => {
      const bad = payments.sent.filter(isBad).sort(byPlace)
      expect(letters.map(contentOf)).toEqual(bad.map((event) => expectedLetter(event, payments.topics.input)))
    })

    test('the process has never stumbled, and its memory is bounded', async ({ annotate }) => {
      expect(await running.metric('shoal_restarts_total')).toBe(0)
      expect(await running.health()).toBe('ready: serving')
      const peak = await peakBytes(running.pid)
      void annotate(`${format}: ${Math.round(peak / 1024 / 1024)} MB at its peak`)
      expect(peak).toBeLessThan(boundBytes)
    })
  })
})

const isBad = ({ reason }: TestEvent) => reason !== null

const byPlace = (a: { partition: number; offset: number }, b: { partition: number; offset: number }) =>
  a.partition - b.partition || a.offset - b.offset

function headerOf({ headers }: ReadRecord, name: string): string {
  return Buffer.from(headers.find((header) => header.name === name)?.value ?? []).toString()
}

/** Its value by size and digest: a difference of 10 MB is nothing to print. */
function contentOf({ partition, key, timestamp, value, headers }: ReadRecord) {
  const texts = headers.map(({ name, value: bytes }) => [name, Buffer.from(bytes ?? []).toString()])
  return { partition, key, timestamp, value: digestOf(value), headers: texts }
}

function expectedLetter({ what, partition, offset, key, timestamp, value, reason }: SentEvent, topic: string) {
  const { topic: from, partition: at, offset: place, connector, stage, reason: why, message } = deadLetterHeaders
  return {
    partition,
    key,
    timestamp,
    value: digestOf(value),
    headers: [
      ['what', what],
      [from, topic],
      [at, String(partition)],
      [place, String(offset)],
      [connector, topic.replace(/-in$/, '')],
      [stage, 'VALUE_CONVERTER'],
      [why, reason],
      [message, reason === null ? '' : reasonMeaning[reason]],
    ],
  }
}

function digestOf(value: Buffer | null): string | null {
  return value === null ? null : `${value.length} bytes, ${createHash('sha256').update(value).digest('hex')}`
}

/** The largest resident set that the process has had. */
async function peakBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1])
}
