/** Loads configurations from text, and gives what is refused as its code and its lines. */

import type { Configuration } from '../../../src/runtime/configuration/configuration.ts'
import { loadConfiguration } from '../../../src/runtime/configuration/load.ts'
import { ShoalError } from '../../../src/runtime/errors.ts'

type Environment = Readonly<Record<string, string>>
/** Text by absolute path. */
type Files = Readonly<Record<string, string>>

export function load(text: string, env: Environment = {}, files: Files = {}): Configuration {
  const readFile = (path: string): string => {
    const found = files[path]
    if (found === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' })
    return found
  }
  return loadConfiguration({ path: '/etc/shoal/shoal.yaml', text, env, readFile })
}

/** The error of a configuration that must be refused. */
export function refusalOf(text: string, env: Environment = {}, files: Files = {}): ShoalError {
  try {
    load(text, env, files)
  } catch (error) {
    if (error instanceof ShoalError) return error
    throw error
  }
  throw new Error(`this was not refused: ${text}`)
}

/** `${name}`, spelt so that no linter takes it for a template that lost its backticks. */
export function reference(name: string): string {
  return `$\{${name}}`
}
