/** Keys of the configuration as the command line sets them: `clusters.k=32`. */
import { InvalidArgumentError } from 'commander'
import { overridableKeys, variableOf } from '../../runtime/configuration/environment.ts'
import { suggest } from '../../runtime/configuration/suggestion.ts'

export interface Override {
  readonly key: string
  /** The environment variable that sets it. */
  readonly variable: string
  readonly text: string
}

/** `key=value`, of a key that there is. */
export function keyOverride(text: string): Override {
  const equals = text.indexOf('=')
  const key = text.slice(0, Math.max(0, equals))
  const names = overridableKeys().map(({ path }) => path.join('.'))
  if (!names.includes(key)) {
    const meant = suggest(key, names)
    throw new InvalidArgumentError(
      `It must be key=value, of a key of the configuration${meant === null ? '' : ` (did you mean ${meant}?)`}.`,
    )
  }
  const value = text.slice(equals + 1)
  if (value === '') throw new InvalidArgumentError(`It must say a value of ${key}: null where it may have none.`)
  return { key, variable: variableOf(key.split('.')), text: value }
}

/** For an option that may be given again and again. */
export function collectOverrides(text: string, before: readonly Override[] = []): readonly Override[] {
  return [...before, keyOverride(text)]
}
