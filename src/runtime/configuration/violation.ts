/** One broken rule, in one line: `key rule: got value`. Secrets are never in it. */
import { ShoalError } from '../errors.ts'

export interface Violation {
  /** `features[2].transform` */
  readonly key: string
  /** `must be at least 2` */
  readonly rule: string
  /** The offending value as it is printed. */
  readonly got: string
  /** The environment variable that set it. */
  readonly variable?: string | undefined
}

export const masked = '***'

/** A violation whose value may be shown. */
export function broken(key: string, rule: string, value: unknown): Violation {
  return { key, rule, got: valueText(value) }
}

/** One ShoalError for all violations: a line each, the first one first. */
export function refusal(violations: readonly Violation[]): ShoalError {
  return new ShoalError('config.invalid', violations.map(violationText).join('\n'))
}

function violationText({ key, rule, got, variable }: Violation): string {
  return `${key} ${rule}: got ${got}${variable === undefined ? '' : ` (from ${variable})`}`
}

/** `features[2].transform`; the root is `configuration`. Names that are no plain words are quoted. */
export function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'configuration'
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return (text === '' ? '' : `${text}.`) + nameText(String(part))
  }, '')
}

export function nameText(name: string): string {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name) ? name : quoted(name)
}

/** A value as a violation shows it: one line, short, a URL without its credentials. Lists and mappings are only named. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return quoted(withoutCredentials(value))
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return mappingText(Object.keys(value))
  return String(value)
}

function mappingText(names: readonly string[]): string {
  if (names.length === 0) return 'an empty mapping'
  return `a mapping of ${names.slice(0, 3).map(nameText).join(', ')}${names.length > 3 ? ', …' : ''}`
}

/** What a value is, for where it must not be shown. */
export function kindText(value: unknown): string {
  if (typeof value === 'string') return 'a text'
  return typeof value === 'number' || typeof value === 'boolean' ? `a ${typeof value}` : valueText(value)
}

/** `redis://user:password@host` → `redis://***@host`. */
function withoutCredentials(text: string): string {
  return text.replace(/:\/\/.*@/s, `://${masked}@`)
}

/** At most 80 characters in double quotes, what would move a terminal's cursor escaped. */
export function quoted(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 79)}…` : text
  return JSON.stringify(short).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
