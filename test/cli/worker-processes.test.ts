import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runWorkers } from '../../src/cli/worker-processes.ts'
import { isAlive } from '../../tools/stack/process.ts'
import { ManualClock } from '../runtime/manual-clock.ts'
import { eventually } from '../runtime/model-world.ts'
import { recordedLog } from '../runtime/recorded-log.ts'
import { childrenOf, type Program, startProgram } from './program.ts'

let folder: string
let clock: ManualClock
let log: ReturnType<typeof recordedLog>
let stop: AbortController
let running: Promise<unknown>

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-workers-'))
  writeFileSync(notes(), '')
  clock = new ManualClock()
  log = recordedLog()
  stop = new AbortController()
  running = Promise.resolve()
})
afterEach(async () => {
  stop.abort()
  await eventually(async () => {
    clock.advance(60_000)
    expect(await Promise.race([running.then(() => 'over'), clock.yield()])).toBe('over')
  })
  rmSync(folder, { recursive: true })
})

/** Those of the processes that live. */
async function alive(pids: readonly number[]): Promise<readonly number[]> {
  const found = await Promise.all(pids.map(isAlive))
  return pids.filter((_, i) => found[i])
}

const notes = () => join(folder, 'notes')

/** What happened to the workers, in order: `0 started`. */
function noted(): readonly { readonly what: string; readonly pid: number }[] {
  const lines = readFileSync(notes(), 'utf8').trim().split('\n')
  return lines
    .filter((line) => line !== '')
    .map((line) => ({ what: line.slice(0, line.lastIndexOf(' ')), pid: Number(line.slice(line.lastIndexOf(' '))) }))
}
const whatHappened = () => noted().map(({ what }) => what)
const happens = (...what: readonly string[]) =>
  eventually(() => expect(whatHappened().toSorted()).toEqual(what.toSorted()))

/** Starts workers of these manners. */
function supervised(...manners: readonly string[]): Promise<void> {
  const lives = runWorkers(
    {
      program: join(import.meta.dirname, 'worker-fixture.ts'),
      workers: manners.length,
      argumentsOf: (index) => [notes(), String(index), manners[index]],
      clock,
      log,
      shutdownMs: 10_000,
    },
    stop.signal,
  )
  running = lives.catch(() => undefined)
  return lives
}

describe('a supervisor', () => {
  test('starts a worker that was killed again, with the same arguments, after a while', async () => {
    void supervised('obedient', 'obedient')
    await happens('0 started', '1 started')
    const first = noted().find(({ what }) => what === '0 started')!.pid
    process.kill(first, 'SIGKILL')
    await eventually(() => expect(clock.sleepers).toBe(1))
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'worker 0 ended and is started again',
        fields: { pid: first, code: null, signal: 'SIGKILL' },
      },
    ])
    clock.advance(100)
    await happens('0 started', '1 started', '0 started')
  })

  test('starts one that ends by itself again, later each time', async () => {
    void supervised('ends')
    for (const [i, ms] of [100, 200, 400].entries()) {
      await eventually(() => expect(clock.sleepers).toBe(1))
      clock.advance(ms - 1)
      await clock.yield()
      expect(clock.sleepers).toBe(1)
      expect(whatHappened()).toHaveLength(i + 1)
      clock.advance(1)
      await eventually(() => expect(whatHappened()).toHaveLength(i + 2))
    }
  })

  test('asks all of them to stop, once, and waits for them', async () => {
    const over = supervised('obedient', 'obedient', 'obedient')
    await happens('0 started', '1 started', '2 started')
    const workers = noted().map(({ pid }) => pid)
    stop.abort()
    await over
    expect(await alive(workers)).toEqual([])
    await happens('0 started', '1 started', '2 started', '0 asked', '1 asked', '2 asked')
  })

  test('sends no second signal to those whom the terminal has told already', async () => {
    const over = supervised('obedient')
    await happens('0 started')
    process.kill(noted()[0].pid, 'SIGINT')
    await happens('0 started', '0 SIGINT')
    stop.abort()
    await over
    expect(whatHappened()).toEqual(['0 started', '0 SIGINT', '0 asked'])
  })

  test('ends one that does not stop within its deadline', async () => {
    const over = supervised('stubborn')
    await happens('0 started')
    stop.abort()
    await happens('0 started', '0 asked')
    clock.advance(10_999)
    await clock.yield()
    expect(await isAlive(noted()[0].pid)).toBe(true)
    clock.advance(1)
    await over
    expect(await isAlive(noted()[0].pid)).toBe(false)
  })

  test('gives up when one refuses its configuration, and takes the others along', async () => {
    const over = supervised('obedient', 'refuses')
    await expect(over).rejects.toMatchObject({ code: 'config.invalid', message: expect.stringContaining('worker 1') })
    expect(await alive(noted().map(({ pid }) => pid))).toEqual([])
  })
})

describe('shoal run --workers 2', () => {
  let program: Program

  beforeEach(() => {
    const config = join(folder, 'shoal.yaml')
    // Nobody listens there: the workers wait for Kafka.
    writeFileSync(config, 'features: [{ field: amount }]\nkafka: { brokers: ["127.0.0.1:9"] }\nhttp: { port: null }\n')
    program = startProgram(['run', '--config', config, '--workers', '2'])
  })
  afterEach(() => program.kill('SIGKILL'))

  const workers = () =>
    eventually(() => {
      const found = childrenOf(program.pid)
      expect(found).toHaveLength(2)
      return found
    }) as Promise<readonly number[]>

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'ends in order on %s, with its workers, and says so with 0',
    async (signal) => {
      const found = await workers()
      program.kill(signal)
      expect((await program.ended).code).toBe(0)
      expect(await alive(found)).toEqual([])
    },
  )

  test('that is killed takes its workers along, even those that are still being loaded', async () => {
    const found = await workers()
    program.kill('SIGKILL')
    await program.ended
    await eventually(async () => expect(await alive(found)).toEqual([]))
  })
})
