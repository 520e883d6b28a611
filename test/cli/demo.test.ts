/** `shoal demo` as a user runs it: a process of its own, here without a terminal. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DemoFigures } from '../../src/cli/demo-report.ts'
import { eventually } from '../runtime/model-world.ts'
import { startProgram } from './program.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-demo-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const figures = (line: string | undefined) => JSON.parse(line ?? '') as DemoFigures
const linesOf = (text: string) => text.trim().split('\n')

/** Runs it until it has a model of a later version than `after`, or until it ends by itself; the summary is the last line. */
async function demo(
  args: readonly string[] = [],
  after = 0,
): Promise<{ readonly summary: DemoFigures; readonly lines: readonly string[] }> {
  const running = startProgram(['demo', '--json', ...args], folder)
  const isEnded = running.ended.then(() => true)
  const hasLearned = () => expect(figures(linesOf(running.said()).at(-1)).version ?? 0).toBeGreaterThan(after)
  await Promise.race([isEnded, eventually(hasLearned)])
  if (!args.includes('--for')) running.kill('SIGINT')
  const { code, stdout, stderr } = await running.ended
  expect([code, stderr]).toEqual([0, ''])
  const lines = linesOf(stdout)
  return { summary: figures(lines.at(-1)), lines }
}

test('ends with a summary that adds up, and goes on from its snapshot when it is started again', async () => {
  const first = await demo()
  const { summary } = first
  expect(summary.scored).toBeGreaterThan(1000)
  expect(summary.scored + summary.deadLetters).toBe(summary.produced)
  expect(summary.deadLetters).toBe(summary.invalidPlanted)
  expect(summary.snapshotVersion).toBe(summary.version)
  for (const line of first.lines) expect(figures(line).produced).toBeLessThanOrEqual(summary.produced)

  const second = await demo([], summary.version ?? Number.POSITIVE_INFINITY)
  expect(figures(second.lines[0]).version).toBeGreaterThanOrEqual(summary.version ?? Number.POSITIVE_INFINITY)
  expect(second.summary.version).toBeGreaterThan(summary.version ?? Number.POSITIVE_INFINITY)
  expect(second.summary.snapshotVersion).toBe(second.summary.version)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends it in order: with the summary, the last version saved, and 0',
  async (signal) => {
    const running = startProgram(['demo', '--json'], folder)
    await eventually(() => expect(figures(linesOf(running.said())[0]).seconds).toBeGreaterThan(0))
    running.kill(signal)
    const { code, stdout, stderr } = await running.ended
    expect([code, stderr]).toEqual([0, ''])
    const summary = figures(linesOf(stdout).at(-1))
    expect(summary.scored + summary.deadLetters).toBe(summary.produced)
    expect(summary.snapshotVersion).toBe(summary.version)
  },
)

test('says to a person what it did, and where the model is kept', async () => {
  const { code, stdout } = await startProgram(['demo', '--for', '5s', '--folder', 'kept here'], folder).ended
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^Console: http:\S+\nShoal on the embedded log: 20,000 card transactions a second over 4 partitions/,
  )
  expect(stdout).toMatch(/\d events assigned to 16 clusters in \d+ s, each exactly once;/)
  expect(stdout).toMatch(/Version \d+ is saved in kept here: the next start goes on from it\.\n$/)
  expect(existsSync(join(folder, 'kept here', 'progress.json'))).toBe(true)
})

test('serves its console while it runs, beside that of another, and says when the port that it was told is taken', async () => {
  const running = startProgram(['demo', '--json'], folder)
  await eventually(() => expect(figures(linesOf(running.said())[0]).console).toMatch(/^http:/))
  const url = figures(linesOf(running.said())[0]).console ?? ''
  expect((await fetch(`${url}/`)).status).toBe(200)
  expect(await (await fetch(`${url}/v1/status`)).json()).toMatchObject({ name: 'demo' })
  const beside = await demo(['--for', '1s', '--folder', 'beside'])
  expect(beside.summary.console).not.toBe(url)
  const { port } = new URL(url)
  const taken = await startProgram(['demo', '--for', '1s', '--folder', 'taken', '--port', port], folder).ended
  expect(taken.code).toBe(2)
  expect(taken.stderr).toContain('http.port')
  running.kill('SIGTERM')
  expect((await running.ended).code).toBe(0)
})

test('a snapshot that cannot be used is left alone, and a model is born', async () => {
  const { summary: first } = await demo(['--no-http'])
  expect(first.console).toBe(null)
  writeFileSync(
    join(folder, '.shoal', 'demo', 'demo', `${'9'.repeat(16)}-${'9'.repeat(16)}.snapshot`),
    'not a snapshot',
  )
  const { summary } = await demo()
  expect(summary.version).toBeGreaterThan(0)
  expect(summary.scored + summary.deadLetters).toBe(summary.produced)
})
