/** Who set which key: the file or a variable of the environment. */
import type { Origin } from './configuration.ts'
import { keysOf } from './keys.ts'
import type { Settings } from './schema.ts'
import { masked, pathText, valueText } from './violation.ts'

/** `data` is what the file says, `variables` the variable of every key that the environment sets. */
export function originsOf(
  settings: Settings,
  data: unknown,
  variables: ReadonlyMap<string, string>,
): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>()
  for (const { path, kind, secret } of keysOf()) {
    const key = pathText(path)
    const by = variables.get(key) ?? (valueAt(data, path) === undefined ? undefined : 'file')
    if (kind === 'section' || by === undefined) continue
    const value = valueAt(settings, path)
    origins.set(key, { by, shown: secret && value !== null ? masked : shownText(value) })
  }
  return origins
}

function valueAt(data: unknown, path: readonly string[]): unknown {
  let at = data
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return at
}

function shownText(value: unknown): string {
  const isListOfTexts = Array.isArray(value) && value.every((entry) => typeof entry === 'string')
  return isListOfTexts ? value.map(valueText).join(', ') : valueText(value)
}
