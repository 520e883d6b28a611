/** The program as it is published: compiled, for running the sources takes memory and time of its own. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
let command: readonly string[] | undefined

/** Node, the flags that the program asks for, and its path; it is built first, seconds, once in this process. */
export function shippedCommand(nodeFlags: readonly string[] = []): readonly [string, ...string[]] {
  if (command === undefined) {
    execFileSync(process.execPath, [join(root, 'tools', 'build.ts')], { stdio: ['ignore', process.stderr, 'inherit'] })
    const program = join(root, 'dist', 'main.js')
    const [shebang] = readFileSync(program, 'utf8').split('\n', 1)
    command = [...shebang.split(' ').slice(3), program]
  }
  return [process.execPath, ...nodeFlags, ...command]
}
