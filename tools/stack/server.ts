/** One server of the stack: a process with a folder of its own, waited for by a real request, ended by its id. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from './cache.ts'
import { end, endWithUs, gone, signal } from './process.ts'

const startDeadlineMs = 90_000
/** How far above its port a node of a Redis Cluster talks to the others. */
const clusterBus = 10_000

export interface StartOptions {
  /** Where the data lies. Given: it is kept by `stop`, and a later start goes on from it. Not given: a temporary one. */
  readonly folder?: string
  /** Not given: a free one. */
  readonly port?: number
  readonly report?: Report
}

export interface Server {
  readonly name: string
  /** As a client wants it. */
  readonly address: string
  readonly port: number
  readonly pid: number
  readonly folder: string
  readonly logFile: string
  /** A part of the command line by which the process is known again. */
  readonly mark: string
  /** Ends the process in order, waits until it is gone, and removes a temporary folder. */
  stop(): Promise<void>
  /** Sends a signal and does not wait: `await server.gone()` does. */
  kill(signal: NodeJS.Signals): void
  /** Resolves when the process is gone, for whatever reason. */
  gone(): Promise<void>
  /** Lets the server go on after this process, which otherwise takes it along however it ends. */
  release(): void
}

export interface Place {
  readonly folder: string
  /** Removed by `stop`. */
  readonly isTemporary: boolean
  /** Removed when this process is gone with the server running, however it went; null: nothing is. */
  readonly doomed: string | null
}

export interface Launch {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly place: Place
  readonly command: string
  readonly args: readonly string[]
  readonly mark: string
  /** A real request; it throws as long as the server does not serve. */
  readonly probe: () => Promise<void>
}

export async function placeOf(name: string, given: string | undefined, doomed: string | null = null): Promise<Place> {
  if (given !== undefined) {
    await mkdir(given, { recursive: true })
    return { folder: given, isTemporary: false, doomed }
  }
  const folder = await mkdtemp(join(tmpdir(), `shoal-${name}-`))
  return { folder, isTemporary: true, doomed: folder }
}

/** Starts the process and resolves when it has answered; throws with the end of its log when it does not in 90 s. */
export async function launch(plan: Launch): Promise<Server> {
  const { name, place } = plan
  const logFile = join(place.folder, 'server.log')
  const child = await spawnInto(logFile, plan)
  const pid = child.pid
  if (pid === undefined) throw new Error(`${name}: \`${plan.command}\` cannot be started`)
  const callOff = endWithUs(pid, place.doomed)
  // The folder stays after a failed start, because the log that says why lies there.
  const failed = await answers(plan, child)
  if (failed !== null) {
    callOff()
    await end(pid)
    throw new Error(`${name} ${failed}. The end of ${logFile}:\n${await tailOf(logFile)}`)
  }
  const stop = async () => {
    callOff()
    await end(pid)
    if (place.isTemporary) await rm(place.folder, { recursive: true, force: true })
  }
  const kill = (which: NodeJS.Signals) => signal(pid, which)
  const { address, port, mark } = plan
  return {
    name,
    address,
    port,
    pid,
    folder: place.folder,
    logFile,
    mark,
    stop,
    kill,
    gone: () => gone(pid),
    release: callOff,
  }
}

/** In a session of its own, so that Ctrl-C in a terminal reaches the run, which then ends its servers in order. */
async function spawnInto(logFile: string, plan: Launch): Promise<ChildProcess> {
  const log = await open(logFile, 'a')
  try {
    const child = spawn(plan.command, plan.args, {
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
      cwd: plan.place.folder,
    })
    child.unref()
    await Promise.race([once(child, 'spawn'), once(child, 'error')])
    return child
  } finally {
    await log.close()
  }
}

/** Null when the probe went through; else what happened. */
async function answers(plan: Launch, child: ChildProcess): Promise<string | null> {
  const deadline = Date.now() + startDeadlineMs
  let last = 'no request was made'
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null)
      return `ended (${child.exitCode ?? child.signalCode}) while starting`
    try {
      await Promise.race([plan.probe(), refuseAfter(5_000)])
      return null
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
    }
    await sleep(100)
  }
  return `did not answer within ${startDeadlineMs / 1000} s (${last})`
}

async function refuseAfter(ms: number): Promise<never> {
  await sleep(ms, undefined, { ref: false })
  throw new Error(`no answer within ${ms} ms`)
}

async function tailOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-30).join('\n')
}

/** A port that nobody listens at, below 32768: above lie the ephemeral ports, which a client may take meanwhile. */
export function freePort(): Promise<number> {
  return freePorts(1)
}

/** The first of so many in a row. */
export function freePorts(count: number): Promise<number> {
  return freeFrom(Array.from({ length: count }, (_, i) => i))
}

/** For a node of a Redis Cluster, which talks to the others at its port + 10,000: that one is no ephemeral port either. */
export function freeClusterPort(): Promise<number> {
  return freeFrom([0, clusterBus])
}

/** A port that is free, as are those so much higher. */
async function freeFrom(above: readonly number[]): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * (12_000 - Math.max(...above)))
    const free = await Promise.all(above.map((more) => isFree(first + more)))
    if (free.every(Boolean)) return first
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
