/** The whole corpus on the real stack: one process, which never stumbles, and every record has the outcome that it must have. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import { prepareTopics } from '../../src/runtime/topics.ts'
import { avroCorpus, type Corpus, jsonCorpus, mixed } from '../poison/corpus.ts'
import { birthEvents } from '../poison/pipeline-under-poison.ts'
import { poison } from '../poison/poison-record.ts'
import { differences, expectedOf, foundIn } from '../poison/verdict.ts'
import { describeWith } from '../servers.ts'
import { newPayments, type Payments, registerWriters } from './payments.ts'
import type { ShoalProcess } from './shoal-process.ts'

/** What the process may take at its peak. With the corpus it takes 275 to 325 MB; 200 million of anything would take 1.6 GB. */
const boundBytes = 512 * 1024 * 1024
const unseenCountries = 5000

describeWith(['kafka', 'registry', 'redis'], 'the corpus of poison', (addresses) => {
  const corpora: readonly (readonly ['avro' | 'json', () => Promise<Corpus>])[] = [
    ['avro', async () => avroCorpus(await registerWriters(addresses.registry))],
    ['json', async () => jsonCorpus()],
  ]

  describe.each(corpora)('in %s', (format, made) => {
    let payments: Payments
    let running: ShoalProcess

    beforeAll(async () => {
      payments = await newPayments(addresses, format)
      const { poison: bad, good, unseen } = await made()
      // In the head, which the model is born from, behind it, and once the model has learned.
      await payments.send(mixed(good(birthEvents, 1), bad))
      await payments.send(mixed(good(birthEvents, 2), bad))
      running = await payments.start()
      await payments.done(running)
      await payments.send(mixed(unseen(unseenCountries), bad))
      await payments.send(good(100, 3))
      await payments.done(running)
    })

    afterAll(() => payments?.discard())

    test('has one outcome for each of its records, the one that it must have, in order', async () => {
      const { verdicts, disorder } = await foundIn(payments.log, payments.topics, payments.sent)
      expect(differences(expectedOf(payments.sent, payments.topics, payments.name), verdicts)).toEqual([])
      expect(disorder).toEqual([])
    })

    test('does not make the process stumble, or say anything is wrong, and its memory is bounded', async ({
      annotate,
    }) => {
      expect(await running.metric('shoal_restarts_total')).toBe(0)
      expect(await running.health()).toBe('ready: serving')
      const peak = await peakBytes(running.pid)
      void annotate(`${format}: ${payments.sent.length} records, ${Math.round(peak / 1024 / 1024)} MB at its peak`)
      expect(peak).toBeLessThan(boundBytes)
      running.signal('SIGTERM')
      const { code, stderr } = await running.ended
      const lines = stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { level: string; code?: string })
      expect(lines.filter(({ level, code: of }) => level === 'error' || of === 'unexpected')).toEqual([])
      expect(code).toBe(0)
    })
  })

  test('outputs that take only times of less ahead than the input does are refused before they stop anything', async () => {
    const payments = await newPayments(addresses, 'json')
    try {
      await payments.createTopic(payments.topics.assignments, { 'message.timestamp.after.max.ms': '3600000' })
      const settings = serviceSettings(payments.configuration)
      await expect(prepareTopics(payments.log, settings.topics, settings.topicPolicy)).rejects.toMatchObject({
        code: 'topics.unfit',
        message: expect.stringMatching(
          /assignments must have message\.timestamp\.after\.max\.ms of the input's 9223372036854776000 or more: it has 3600000/,
        ),
      })
    } finally {
      await payments.discard()
    }
  })

  test('an event that only fits its topic compressed is a dead letter that says what it has no room for', async () => {
    const payments = await newPayments(addresses, 'json')
    try {
      await payments.send(jsonCorpus().good(birthEvents, 1))
      await payments.sendCompressed(poison('40 MB of spaces', 'too_large', Buffer.alloc(40 << 20, ' '), { key: null }))
      await payments.send(jsonCorpus().good(10, 2))
      const running = await payments.start()
      await payments.done(running)
      const letters = await payments.read(payments.topics.deadLetters)
      const headers = letters.map((letter) =>
        Object.fromEntries(letter.headers.map(({ name, value }) => [name, String(value)])),
      )
      expect(letters.map(({ value }) => value)).toEqual([null])
      expect(headers[0]).toMatchObject({
        '__connect.errors.exception.class.name': 'too_large',
        '__connect.errors.partition': '0',
        '__connect.errors.offset': String(birthEvents / 2),
        '__shoal.omitted': `value (${40 << 20} bytes)`,
      })
      expect(await running.metric('shoal_restarts_total')).toBe(0)
    } finally {
      await payments.discard()
    }
  })
})

/** The largest resident set that the process has had. */
async function peakBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1])
}
