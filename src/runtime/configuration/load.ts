/** Defaults, then the file, then the environment: one configuration, or every rule that it breaks. */
import { dirname } from 'node:path'
import { ShoalError } from '../errors.ts'
import type { Configuration } from './configuration.ts'
import { readDocument } from './document.ts'
import { override } from './environment.ts'
import { type ReadFile, readFiles, readTextFile, reasonOf } from './files.ts'
import { type Environment, interpolate } from './interpolation.ts'
import { violationsOf } from './issues.ts'
import { originsOf } from './origins.ts'
import { resolveSettings } from './resolve.ts'
import { brokenRules } from './rules.ts'
import { configurationSchema } from './schema.ts'
import { quoted, refusal } from './violation.ts'

interface LoadOptions {
  /** The file. Its folder is what the paths in it are relative to; without one, the working directory. */
  readonly path?: string | undefined
  /** What the file holds, when it is not to be read from `path`. Without both: defaults and environment. */
  readonly text?: string | undefined
  readonly env: Environment
  readonly readFile?: ReadFile | undefined
}

/**
 * `config.invalid` with a line `key rule: got value` for every broken rule; `config.unreadable` for a file that
 * cannot be read or is not YAML. Opens no connection.
 */
export function loadConfiguration(options: LoadOptions): Configuration {
  const { path, env, readFile = readTextFile } = options
  const text = options.text ?? (path === undefined ? '' : readConfigurationFile(path, readFile))
  const folder = path === undefined ? '.' : dirname(path)
  const data = readDocument(text, path === undefined ? 'configuration' : quoted(path))
  const filled = interpolate(data, configurationSchema, env)
  const overridden = override(filled.value, env)
  const parsed = configurationSchema.safeParse(overridden.value, { reportInput: true })
  const violations = [
    ...filled.violations,
    ...overridden.violations,
    ...(parsed.success ? [] : violationsOf(parsed.error.issues, overridden.origins)),
  ]
  if (!parsed.success || violations.length > 0) throw refusal(violations)
  const broken = brokenRules(parsed.data)
  if (broken.length > 0) {
    throw refusal(broken.map((violation) => ({ ...violation, variable: overridden.origins.get(violation.key) })))
  }
  const files = readFiles(parsed.data, readFile, folder)
  return resolveSettings(parsed.data, files, folder, originsOf(parsed.data, data, overridden.origins))
}

function readConfigurationFile(path: string, readFile: ReadFile): string {
  try {
    return readFile(path)
  } catch (error) {
    throw new ShoalError(
      'config.unreadable',
      `--config must name a file that can be read: got ${quoted(path)} (${reasonOf(error)})`,
    )
  }
}
