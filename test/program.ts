/** The real program as a process: what a person starts, and what it says. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

const program = join(import.meta.dirname, '..', 'src', 'main.ts')

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly pid: number
  /** Resolves when the process has ended. */
  readonly ended: Promise<Ended>
  /** Asks it to end in order, and waits. */
  stop(): Promise<Ended>
}

type Environment = Readonly<Record<string, string>>

const longestRunMs = 60_000

/** Runs `shoal …` to its end. */
export function shoal(args: readonly string[], environment: Environment = {}): Promise<Ended> {
  return endOf(spawned(args, environment, longestRunMs))
}

/** Starts `shoal …`. The end of the test takes it along, which vitest knows of tests that run one after another only. */
export function start(args: readonly string[], environment: Environment = {}): Running {
  const child = spawned(args, environment, 0)
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const ended = endOf(child)
  return {
    pid: child.pid ?? -1,
    ended,
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** What this run's servers are called is no business of the program under test. */
function spawned(args: readonly string[], environment: Environment, timeout: number): ChildProcess {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('SHOAL_'))
  return spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', program, ...args], {
    env: { ...Object.fromEntries(own), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  })
}

async function endOf(child: ChildProcess): Promise<Ended> {
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('both streams must be pipes')
  const [out, error, [code]] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')])
  return { code, stdout: out, stderr: error }
}
