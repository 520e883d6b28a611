/** `shoal` as a process of its own, for tests that need no server. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { endWithUs } from '../../tools/stack/process.ts'
import { ownEnvironment } from '../own-environment.ts'

export const source = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

export interface Program {
  readonly pid: number
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
  kill(signal: NodeJS.Signals): void
  /** Everything that it has printed up to now. */
  said(): string
}

/** Runs `shoal …` in `folder`, without a terminal, and with nothing of this process's environment; `by` what starts it. */
export function startProgram(
  args: readonly string[],
  folder = process.cwd(),
  main = source,
  by: readonly string[] = [],
): Program {
  const [program, ...line] = [...by, process.execPath, main, ...args]
  const child = spawn(program, line, { cwd: folder, env: ownEnvironment() })
  const pid = child.pid
  if (pid === undefined) throw new Error(`${main} cannot be started`)
  const callOff = endWithUs(pid, null)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([code]) => {
    callOff()
    return { code, stdout, stderr }
  })
  return { pid, ended, kill: (signal) => void child.kill(signal), said: () => stdout + stderr }
}

/** Process ids of those that `pid` has started and that live. */
export function childrenOf(pid: number): readonly number[] {
  try {
    const found = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).trim()
    return found === '' ? [] : found.split('\n').map(Number)
  } catch {
    return [] // pgrep says with its exit code that there is none.
  }
}
