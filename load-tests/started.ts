/** A program as a process of its own, as long as a measurement needs it. What it prints goes to stderr, beside the report. */
import { spawn } from 'node:child_process'
import { endWithUs } from '../tools/stack/process.ts'

export interface Started {
  readonly pid: number
  /** Rejects when it ends with a code that says that something was wrong. */
  readonly ended: Promise<void>
  /** By SIGTERM. */
  stop(): Promise<void>
}

export interface StartOptions {
  /** What it is called when it fails. */
  readonly name: string
  /** Beside that of this process. */
  readonly environment?: Readonly<Record<string, string>>
  readonly folder?: string
  /** Exit codes of an end in order; unset: 0. */
  readonly goodCodes?: readonly number[]
}

export function startProgram(
  [command, ...args]: readonly [string, ...string[]],
  { name, environment = {}, folder, goodCodes = [0] }: StartOptions,
): Started {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    ...(folder === undefined ? {} : { cwd: folder }),
    stdio: ['ignore', process.stderr, 'inherit'],
    // Ctrl-C in a terminal reaches the measurement alone, which then ends it in order.
    detached: true,
  })
  if (child.pid !== undefined) child.once('exit', endWithUs(child.pid, null))
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (code !== null && goodCodes.includes(code)) resolve()
      else reject(new Error(`${name} ended with ${code ?? signal}`))
    })
  })
  // Whoever waits for something else must not be ended by a rejection that will be looked at later.
  ended.catch(() => undefined)
  return {
    pid: child.pid ?? 0,
    ended,
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}
