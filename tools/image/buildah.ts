/** buildah, which builds and runs images without an engine, with a store of its own that is thrown away. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Buildah {
  /** What it prints, without the last newline. */
  ask(...args: readonly string[]): Promise<string>
  /** The same, with what it says on the way shown to whoever waits. */
  tell(...args: readonly string[]): Promise<void>
  /** A program in a container, as it goes on. */
  start(...args: readonly string[]): ChildProcess
}

/** Its store lies in `folder`. */
export function buildahIn(folder: string): Buildah {
  const own = ['--storage-driver', 'vfs', '--root', join(folder, 'store'), '--runroot', join(folder, 'run')]
  return {
    ask: async (...args) => {
      const { stdout } = await run('buildah', [...own, ...args], { maxBuffer: 16 * 1024 * 1024 })
      return stdout.trimEnd()
    },
    tell: (...args) =>
      new Promise((resolve, reject) => {
        const child = spawn('buildah', [...own, ...args], { stdio: ['ignore', 2, 2] })
        child.on('error', reject)
        child.on('exit', (code, signal) => {
          if (code === 0) resolve()
          else
            reject(new Error(`\`buildah ${args.slice(0, 2).join(' ')}\` failed (${code ?? signal}); it says why above`))
        })
      }),
    start: (...args) => spawn('buildah', [...own, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }),
  }
}
