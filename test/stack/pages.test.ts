/** The commands of the pages that need servers, typed as they stand there and in that order. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { freePorts } from '../../tools/stack/server.ts'
import { configurationIn, type Step, stepsOf } from '../pages/page-text.ts'
import { openShell, type Shell, type Typed } from '../pages/shell.ts'
import { until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import type { Addresses } from './pipeline.ts'

const workMs = 240_000
const workers = 2

/** Up to its first number, which may be another each time, or to what the page leaves out. */
const beginning = (line: string) => line.replace(/[\d…].*/, '').trimEnd()

/** Where somebody sits who follows a page. */
class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'shoal-pages-'))
  /** Nobody else uses it on these servers. */
  readonly name = `payments-${randomUUID().slice(0, 8)}`
  readonly #addresses: Addresses
  readonly #typed: Typed[] = []
  #port = 0
  #shell: Shell | null = null

  constructor(addresses: Addresses) {
    this.#addresses = addresses
  }

  renamed(text: string): string {
    return text.replaceAll('payments', this.name).replace(/(localhost|shoal):9404/, `127.0.0.1:${this.#port}`)
  }

  async open(): Promise<void> {
    this.#port = await freePorts(workers)
    const { kafka, registry, redis } = this.#addresses
    this.#shell = openShell(this.folder, {
      SHOAL_KAFKA_BROKERS: kafka,
      SHOAL_REGISTRY_URL: registry,
      SHOAL_REDIS_URL: redis,
      SHOAL_HTTP_PORT: String(this.#port),
    })
  }

  /** What a step prints; null: the servers of the tests are in its place. */
  async take({ commands }: Step): Promise<string | null> {
    if (commands.every((line) => line.startsWith('npm run stack'))) return null
    let said = ''
    for (const line of commands.filter((each) => !each.startsWith('npm run stack'))) said += await this.#type(line)
    return said
  }

  close(): void {
    for (const typed of this.#typed) typed.interrupt()
    rmSync(this.folder, { recursive: true })
  }

  async #type(line: string): Promise<string> {
    if (this.#shell === null) throw new Error('the desk must be opened first')
    // Also where a drift is open, which is bad enough for a status.
    const codes = line.includes('shoal -- status') || line.startsWith('shoal status') ? [0, 1] : [0]
    const isService = /shoal (-- )?run\b/.test(line)
    if (!isService && !line.startsWith('curl -N')) return this.#shell.run(this.renamed(line), codes)
    const typed = this.#shell.type(this.renamed(line))
    this.#typed.push(typed)
    const isDone = isService ? () => this.#isAllDone() : () => typed.said().includes('event: ')
    await until(isDone, () => `${line}: ${typed.said()}`, workMs)
    return typed.said()
  }

  async #isAllDone(): Promise<boolean> {
    const answer = await fetch(`http://127.0.0.1:${this.#port}/v1/status`).catch(() => null)
    return answer?.ok === true && ((await answer.json()) as { lag: { events: number | null } }).lag.events === 0
  }
}

const named = (steps: readonly Step[]) => steps.map((step) => [step.commands.join('; '), step] as const)

describeWith(['kafka', 'registry', 'redis'], 'whoever follows', (addresses) => {
  describe('docs/getting-started.md, then docs/tuning.md', () => {
    const desk = new Desk(addresses)
    const first = 'docs/getting-started.md'
    writeFileSync(join(desk.folder, 'shoal.yaml'), desk.renamed(configurationIn(first) ?? ''))
    afterAll(() => desk.close())

    test('finds servers', () => desk.open())

    test.each(named([...stepsOf(first), ...stepsOf('docs/tuning.md')]))(
      '%s',
      async (_, step) => {
        const said = await desk.take(step)
        const lines = said?.split('\n') ?? null
        const missing = step.shown.map((line) => beginning(desk.renamed(line)))
        expect(missing.filter((line) => lines?.every((each) => !each.startsWith(line)))).toEqual([])
      },
      workMs,
    )
  })

  describe('the README to a pipeline on a real Kafka, and then', () => {
    const desk = new Desk(addresses)
    const steps = stepsOf('README.md').filter(({ commands }) => commands.some((line) => line.includes('-- produce')))
    const configured = (name: string) => `name: ${name}\ninput: { topic: ${desk.name}-input }\n`
    const event = '{"id":"tx-1","occurredAt":"2026-01-05T09:00:00Z","amount":1240}\n'
    writeFileSync(join(desk.folder, 'shoal.yaml'), configured(desk.name))
    writeFileSync(join(desk.folder, 'elsewhere.yaml'), configured(`${desk.name}-elsewhere`))
    writeFileSync(join(desk.folder, 'events.ndjson'), event.repeat(2))
    afterAll(() => desk.close())

    test('finds servers', () => desk.open())

    test.each(named(steps))('%s', async (_, step) => expect(await desk.take(step)).toContain('ROC-AUC'), workMs)

    describe.each(['docs/operations.md', 'docs/model.md', 'docs/api.md'])('%s', (page) => {
      test.each(named(stepsOf(page)))(
        '%s',
        async (_, step) => {
          const said = await desk.take(step)
          expect(said).not.toMatch(/urn:shoal:error|"invalid"/)
          expect(said).not.toBe('')
        },
        workMs,
      )
    })
  })
})
