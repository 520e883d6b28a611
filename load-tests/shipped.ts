/** The program as it is published: compiled, for running the sources takes memory and time of its own. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
let asked: { readonly environment: readonly string[]; readonly flags: readonly string[] } | undefined

/** The environment and the flags that the program asks for, and its path; it is built first, seconds, once in this process. */
export function shippedCommand(nodeFlags: readonly string[] = []): readonly [string, ...string[]] {
  const program = join(root, 'dist', 'main.js')
  if (asked === undefined) {
    execFileSync(process.execPath, [join(root, 'tools', 'build.ts')], { stdio: ['ignore', process.stderr, 'inherit'] })
    const [shebang] = readFileSync(program, 'utf8').split('\n', 1)
    const [environment, flags] = shebang.split(' -S ')[1].split('node ')
    asked = { environment: environment.trim().split(' '), flags: flags.split(' ') }
  }
  return ['env', ...asked.environment, process.execPath, ...nodeFlags, ...asked.flags, program]
}
