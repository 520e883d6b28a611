/** `shoal …` as a process of its own, as long as a measurement needs it. What it prints goes to stderr, beside the report. */
import { spawn } from 'node:child_process'
import { endWithUs } from '../tools/stack/process.ts'
import { shippedCommand } from './shipped.ts'

export interface ShoalProcess {
  readonly pid: number
  /** Rejects when it ends with anything but 0. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/** `nodeFlags` come before the program; `environment` is beside that of this process. */
export function startShoal(
  args: readonly string[],
  nodeFlags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): ShoalProcess {
  const env = { ...process.env, ...environment }
  const [node, ...program] = shippedCommand(nodeFlags)
  const child = spawn(node, [...program, ...args], {
    env,
    stdio: ['ignore', process.stderr, 'inherit'],
    // Ctrl-C in a terminal reaches the measurement alone, which then ends it in order.
    detached: true,
  })
  if (child.pid !== undefined) child.once('exit', endWithUs(child.pid, null))
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`shoal ${args[0]} ended with ${code ?? signal}`))
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
