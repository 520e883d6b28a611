/** Overrides: `SHOAL_INPUT_MAX_EVENT_BYTES` sets `input.maxEventBytes`. */
import { fromText } from './from-text.ts'
import type { Environment } from './interpolation.ts'
import { type Key, keysOf } from './keys.ts'
import { looksSecret } from './secret.ts'
import { suggest } from './suggestion.ts'
import { masked, nameText, pathText, type Violation, valueText } from './violation.ts'

const variablePrefix = 'SHOAL_'

interface IgnoredVariable {
  /** Matches `NAME=value`. */
  readonly pattern: RegExp
  /** How the reference names it. */
  readonly name: string
  readonly why: string
}

/** Variables that begin like an override and are none. */
export const ignoredVariables: readonly IgnoredVariable[] = [
  { pattern: /^SHOAL_TEST_[^=]*=/, name: '`SHOAL_TEST_…`', why: 'servers that the tests are to use' },
  { pattern: /^SHOAL_CACHE=/, name: '`SHOAL_CACHE`', why: 'where the local stack keeps its programs' },
  { pattern: /^SHOAL_KAFKA_VERSION=/, name: '`SHOAL_KAFKA_VERSION`', why: 'which Kafka the local stack starts' },
  {
    pattern: /^SHOAL_([A-Z0-9_]+_)?(SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?=|PORT(_[0-9]+_(TCP|UDP|SCTP))?=(tcp|udp|sctp):)/,
    name: '`SHOAL_SERVICE_HOST`, `SHOAL_PORT=tcp://…` and the like',
    why: 'what Kubernetes adds for a service whose name begins with `shoal`',
  },
  {
    pattern: /^SHOAL_([A-Z0-9_]+_)?PORT_[0-9]+_(TCP|UDP|SCTP)_(PROTO|PORT|ADDR)=/,
    name: '`SHOAL_PORT_9404_TCP_ADDR` and the like',
    why: 'the same',
  },
]

/** `['input', 'maxEventBytes']` → `SHOAL_INPUT_MAX_EVENT_BYTES` */
export function variableOf(path: readonly string[]): string {
  return variablePrefix + path.map((name) => name.replace(/[A-Z]/g, '_$&').toUpperCase()).join('_')
}

/** Keys that a variable can set: all but the sections, which only hold keys. */
export function overridableKeys(): readonly Key[] {
  return keysOf().filter((key) => key.kind !== 'section')
}

interface Overridden {
  readonly value: unknown
  /** Variable by path: `clusters.k` → `SHOAL_CLUSTERS_K`. */
  readonly origins: ReadonlyMap<string, string>
  readonly violations: readonly Violation[]
}

/** The data with overrides applied. An empty variable counts as unset; one that is no key is refused. */
export function override(data: unknown, env: Environment): Overridden {
  const keys = new Map(overridableKeys().map((key) => [variableOf(key.path), key]))
  const origins = new Map<string, string>()
  const violations: Violation[] = []
  let value = data
  for (const variable of Object.keys(env).sort()) {
    const text = env[variable]
    if (!variable.startsWith(variablePrefix) || text === undefined || text === '') continue
    const key = keys.get(variable)
    if (key !== undefined) {
      value = withValue(value, key.path, fromText(text, key.schema))
      origins.set(pathText(key.path), variable)
    } else if (!ignoredVariables.some(({ pattern }) => pattern.test(`${variable}=${text}`))) {
      violations.push(unknownVariable(variable, text, keys))
    }
  }
  return { value, origins, violations }
}

function unknownVariable(variable: string, text: string, keys: ReadonlyMap<string, Key>): Violation {
  const meant = suggest(variable, [...keys.keys()])
  const secret = looksSecret(variable) || (meant !== null && keys.get(meant)?.secret === true)
  return {
    key: nameText(variable),
    rule: meant === null ? 'is not the variable of a key' : `is not the variable of a key (did you mean ${meant}?)`,
    got: secret ? masked : valueText(text),
  }
}

/** A copy with the value at a path. What is in the way stays: the schema refuses it. */
function withValue(data: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return value
  const holder = data ?? {}
  if (typeof holder !== 'object' || Array.isArray(holder)) return data
  const held = Object.hasOwn(holder, name) ? (holder as Record<string, unknown>)[name] : undefined
  return { ...holder, [name]: withValue(held, rest, value) }
}
