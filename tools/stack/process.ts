/** Processes by their id: whether one lives, what it is, and how it is ended. */
import { execFile, spawn } from 'node:child_process'
import { access, constants, readFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const termGraceMs = 20_000

export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  // In a container whose first process does not reap, a dead process stays listed as a zombie.
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return !/^\d+ \(.*\) Z/s.test(status)
}

/** The command line of a process, null when there is no such process. */
export async function commandLine(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
    return line === null ? null : line.replaceAll('\0', ' ')
  }
  return run('ps', ['-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => null,
  )
}

/** Ends a process in order, by force after 20 s, and returns when it is gone. */
export async function end(pid: number): Promise<void> {
  signal(pid, 'SIGTERM')
  const forced = Date.now() + termGraceMs
  while (await isAlive(pid)) {
    if (Date.now() > forced) signal(pid, 'SIGKILL')
    await sleep(50)
  }
}

export async function gone(pid: number): Promise<void> {
  while (await isAlive(pid)) await sleep(50)
}

/** Sends a signal; a process that is already gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/**
 * Ends process `pid` and removes `folder` when this process is gone, however it went: a killed test run leaves no
 * server behind. A shell waits at a pipe that only the death of this process closes. Returns the way to call it off.
 */
export function endWithUs(pid: number, folder: string | null): () => void {
  const script = [
    'read -r _',
    'kill -TERM "$1" 2>/dev/null',
    'n=0; while kill -0 "$1" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done',
    'kill -KILL "$1" 2>/dev/null',
    '[ -n "$2" ] && rm -rf "$2"',
  ].join('\n')
  const guard = spawn('sh', ['-c', script, 'shoal-guard', String(pid), folder ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.unref()
  // The pipe is a socket, which would keep this process from ending; its declared type does not say so.
  const pipe: unknown = guard.stdin
  if (pipe instanceof Socket) pipe.unref()
  return () => guard.kill('SIGKILL')
}

/** Runs a program to its end; what it said is in the error when it fails. `missing` says what to do without it. */
export async function command(program: string, args: readonly string[], missing: string, cwd?: string): Promise<void> {
  try {
    await run(program, args, { maxBuffer: 64 * 1024 * 1024, ...(cwd === undefined ? {} : { cwd }) })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if ('code' in error && error.code === 'ENOENT') throw new Error(missing)
    const said = ['stdout', 'stderr'].map((key) => String(Reflect.get(error, key) ?? '')).join('')
    const tail = said.trim().split('\n').slice(-15).join('\n')
    throw new Error(`\`${program} ${args.slice(0, 6).join(' ')}\` failed:\n${tail}`)
  }
}

/** Where the first of these programs that the machine has lies; null when it has none. */
export async function onPath(programs: readonly string[]): Promise<string | null> {
  const folders = (process.env.PATH ?? '').split(delimiter)
  for (const path of programs.flatMap((program) => folders.map((folder) => join(folder, program)))) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return null
}
