/** A shell in which the commands of a page can be typed: `shoal` and `npm run shoal --` are those of this checkout. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { endWithUs } from '../../tools/stack/process.ts'
import { source } from '../cli/program.ts'
import { ownEnvironment } from '../own-environment.ts'

export interface Typed {
  /** Its exit code; null: a signal ended it. */
  readonly ended: Promise<number | null>
  /** All that it has printed up to now, on both streams. */
  said(): string
  interrupt(): void
}

export interface Shell {
  type(line: string): Typed
  /** Types it and waits for its end; throws with what it said when its exit code is not one of these. */
  run(line: string, codes?: readonly number[]): Promise<string>
}

export function openShell(folder: string, environment: Readonly<Record<string, string>> = {}): Shell {
  const programs = join(folder, 'bin')
  mkdirSync(programs)
  const program = (name: string, text: string) => {
    writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(programs, name), 0o755)
  }
  program('shoal', `exec '${process.execPath}' '${source}' "$@"`)
  program('npm', `[ "$1 $2 $3" = 'run shoal --' ] && shift 3 && exec shoal "$@"\necho "not here: npm $*" >&2\nexit 1`)
  const PATH = `${programs}${delimiter}${process.env.PATH}`
  const type = (line: string): Typed => {
    // A group of its own, which an interrupt reaches as Ctrl-C does.
    const env = ownEnvironment({ PATH, ...environment })
    const child = spawn('sh', ['-c', line], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const callOff = endWithUs(-child.pid!, null)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk
      })
    }
    const ended = once(child, 'close').then(([code]) => {
      callOff()
      return code as number | null
    })
    return { ended, said: () => said, interrupt: () => void process.kill(-child.pid!, 'SIGINT') }
  }
  return {
    type,
    async run(line, codes = [0]) {
      const { ended, said } = type(line)
      const code = await ended
      if (code === null || !codes.includes(code)) throw new Error(`${line} ended with ${code}: ${said()}`)
      return said()
    },
  }
}
