/** What the schema refuses, in our words. */
import type { z } from 'zod'
import { isSecret, keysOf, kindOf, schemaAt, shapeOf } from './keys.ts'
import { looksSecret } from './secret.ts'
import { suggest } from './suggestion.ts'
import { kindText, masked, nameText, pathText, type Violation, valueText } from './violation.ts'

type Issue = z.core.$ZodIssue

const words: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
}

/** One violation per key, its narrowest rule, in the order of the schema. The issues carry their input (`reportInput`). */
export function violationsOf(issues: readonly Issue[], variables: ReadonlyMap<string, string>): readonly Violation[] {
  const byKey = new Map<string, Violation>()
  for (const issue of issues) {
    for (const violation of issue.code === 'unrecognized_keys' ? unknownKeys(issue) : [refused(issue)]) {
      byKey.set(violation.key, { ...violation, variable: variableOf(violation.key, variables) })
    }
  }
  return [...byKey.values()]
}

/** The variable that set a key or the list that it is an entry of. */
function variableOf(key: string, variables: ReadonlyMap<string, string>): string | undefined {
  return variables.get(key) ?? variables.get(key.replace(/\[.*$/s, ''))
}

function refused(issue: Issue): Violation {
  return { key: pathText(issue.path), rule: ruleOf(issue), got: shown(issue) }
}

function shown(issue: Issue): string {
  const schema = schemaAt(issue.path)
  if (issue.input !== undefined && schema !== null && isSecret(schema)) return masked
  return schema === null || kindOf(schema) === 'section' ? kindText(issue.input) : valueText(issue.input)
}

function ruleOf(issue: Issue): string {
  if (issue.input === undefined) return 'must be set'
  switch (issue.code) {
    case 'invalid_type':
      if (typeof issue.input === 'number' && issue.expected === 'number') return 'must be a finite number'
      return `must be ${words[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty'
      return `must ${bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}`
    case 'too_big':
      return `must ${bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}`
    default:
      return issue.message
  }
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${relation} ${limit} characters`
  if (origin === 'array') return `have ${relation} ${limit} ${limit === 1 ? 'entry' : 'entries'}`
  return `be ${relation} ${limit}`
}

function unknownKeys(issue: Issue & { readonly code: 'unrecognized_keys' }): readonly Violation[] {
  const schema = schemaAt(issue.path)
  const shape = (schema === null ? null : shapeOf(schema)) ?? {}
  const input = (issue.input ?? {}) as Readonly<Record<string, unknown>>
  return issue.keys.map((name) => {
    const near = suggest(name, Object.keys(shape))
    const meant = near === null ? elsewhere(name) : pathText([...issue.path, near])
    // A mistyped key beside a secret may hold that secret.
    const secret = looksSecret(name) || Object.values(shape).some(isSecret)
    return {
      key: pathText([...issue.path, name]),
      rule:
        meant === null
          ? `is not a key; there are ${Object.keys(shape).map(nameText).join(', ')}`
          : `is not a key (did you mean ${meant}?)`,
      got: secret ? masked : valueText(input[name]),
    }
  })
}

/** The full path of a key of that very name in another section. */
function elsewhere(name: string): string | null {
  const found = keysOf().find((key) => key.path.at(-1)?.toLowerCase() === name.toLowerCase())
  return found === undefined ? null : pathText(found.path)
}
