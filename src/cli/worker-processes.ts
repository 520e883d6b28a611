/** Several workers on one machine: child processes, started again when they die, stopped together. */
import { type ChildProcess, fork } from 'node:child_process'
import { Backoff } from '../runtime/backoff.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { Clock, Log } from '../runtime/ports.ts'
import { allOrNone } from './all-or-none.ts'

export interface WorkerProcesses {
  readonly program: string
  readonly workers: number
  /** Arguments of worker `index`: the same every time, so that a new life fences the one before. */
  readonly argumentsOf: (index: number) => readonly string[]
  readonly clock: Clock
  readonly log: Log
  /** How long a worker may take to stop before it is killed. */
  readonly shutdownMs: number
}

/** A worker that has lived so long has got over what ended it before. */
const soundMs = 30_000
/** A worker needs a moment beyond its own deadline to say that it missed it. */
const graceMs = 1_000
/** Exit code of a configuration that breaks a rule: the next life would break it too. */
const wrongUseCode = 2

/** Runs until the signal fires and all workers have stopped. */
export async function runWorkers(options: WorkerProcesses, signal: AbortSignal): Promise<void> {
  const { workers } = options
  const lives = (stop: AbortSignal) =>
    Array.from({ length: workers }, (_, index) => superviseWorker(options, index, stop))
  await allOrNone(lives, signal)
}

async function superviseWorker(options: WorkerProcesses, index: number, signal: AbortSignal): Promise<void> {
  const { clock, log } = options
  const backoff = new Backoff(clock)
  while (!signal.aborted) {
    const startedMs = clock.now()
    const child = fork(options.program, options.argumentsOf(index), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const { code, by } = await ended(child, options, signal)
    if (signal.aborted) return
    if (code === wrongUseCode) throw new ShoalError('config.invalid', `worker ${index} refuses to start: see above`)
    log.warn(`worker ${index} ended and is started again`, { pid: child.pid, code, signal: by })
    if (clock.now() - startedMs > soundMs) backoff.reset()
    await backoff.wait(signal)
  }
}

/**
 * Waits for the process to end; once the signal fires it is asked to, and after the deadline made to. It is asked by
 * closing its channel, not by SIGTERM: Ctrl-C in a terminal, or a service manager, has told it too, and a second
 * signal means not to wait.
 */
async function ended(
  child: ChildProcess,
  { clock, log, shutdownMs }: WorkerProcesses,
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly by: string | null }> {
  const over = new AbortController()
  const exit = new Promise<{ code: number | null; by: string | null }>((resolve) => {
    child.once('exit', (code, by) => resolve({ code, by }))
    child.on('error', (error) => {
      log.error(`a worker cannot be started: ${error.message}`)
      resolve({ code: null, by: null })
    })
  })
  const ask = async () => {
    if (child.connected) child.disconnect()
    await clock.sleep(shutdownMs + graceMs, over.signal)
    if (!over.signal.aborted) child.kill('SIGKILL')
  }
  const onStop = () => void ask()
  signal.addEventListener('abort', onStop, { once: true })
  if (signal.aborted) onStop()
  const outcome = await exit
  over.abort()
  signal.removeEventListener('abort', onStop)
  return outcome
}
