/** docs/configuration.md: how to write a configuration, and every key of it. */
import { z } from 'zod'
import { ignoredVariables } from './environment.ts'
import { guide } from './guide.ts'
import { elementOf, isSecret, kindOf, shapeOf, unwrap } from './keys.ts'
import { configurationSchema } from './schema.ts'

interface Row {
  readonly key: string
  readonly schema: z.ZodType
}

/** The page as Markdown. */
export function configurationPage(): string {
  const ignored = ignoredVariables.map(({ name, why }) => `${name} (${why})`).join(', ')
  const sections = Object.entries(configurationSchema.shape).filter(([, schema]) => !isPlain(schema))
  const plain = Object.entries(configurationSchema.shape).filter(([, schema]) => isPlain(schema))
  const top = table(plain.map(([key, schema]) => ({ key, schema })))
  return [guide(ignored), '## Keys', top, ...sections.map(([name, schema]) => section(name, schema))]
    .join('\n\n')
    .concat('\n')
}

function isPlain(schema: z.ZodType): boolean {
  return kindOf(schema) !== 'section' && elementOf(schema) === null
}

function section(name: string, schema: z.ZodType): string {
  return [`### ${name}`, schema.meta()?.description ?? '', table(rowsOf(name, schema))].join('\n\n')
}

/** The keys below a section, those of a list's entries as `features[].field`. */
function rowsOf(at: string, schema: z.ZodType): readonly Row[] {
  const element = elementOf(schema)
  const holder = element ?? schema
  if (unwrap(holder).schema instanceof z.ZodUnion) return []
  return Object.entries(shapeOf(holder) ?? {}).flatMap(([name, value]) => {
    const key = `${at}${element === null ? '' : '[]'}.${name}`
    return [{ key, schema: value }, ...(kindOf(value) === 'section' ? rowsOf(key, value) : [])]
  })
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ key, schema }) => {
    const cells = [`\`${key}\``, defaultText(schema), allowedText(schema), schema.meta()?.description ?? '']
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return ['| key | default | allowed | meaning |', '| --- | --- | --- | --- |', ...lines].join('\n')
}

function defaultText(schema: z.ZodType): string {
  const { fallback, nullable } = unwrap(schema)
  if (kindOf(schema) === 'section' && !nullable) return ''
  if (fallback !== undefined) return `\`${JSON.stringify(fallback)}\``
  return schema instanceof z.ZodOptional ? '' : 'must be set'
}

/** The rule of one key in a few words, from its JSON Schema. */
function allowedText(schema: z.ZodType): string {
  const { schema: inner, nullable } = unwrap(schema)
  const orNull = nullable ? ', or `null`' : ''
  if (kindOf(schema) === 'section') return `the keys below${orNull}`
  if (isSecret(schema)) return `secret${orNull}`
  return ruleText(z.toJSONSchema(inner, { io: 'input' }) as Readonly<Record<string, unknown>>) + orNull
}

function ruleText(rule: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(rule.enum)) return rule.enum.map((value) => `\`${value}\``).join(', ')
  if (Array.isArray(rule.anyOf)) return choiceText(rule.anyOf)
  switch (rule.type) {
    case 'integer':
      return `${grouped(rule.minimum)} to ${grouped(rule.maximum)}`
    case 'number':
      return `above ${grouped(rule.exclusiveMinimum)}, at most ${grouped(rule.maximum)}`
    case 'boolean':
      return '`true`, `false`'
    case 'array':
      return 'list of `host:port`'
    default:
      return rule.format === 'uri' ? 'URL' : 'text'
  }
}

/** Numbers and words that may stand for one another; anything larger is told in the meaning. */
function choiceText(options: readonly Readonly<Record<string, unknown>>[]): string {
  if (options.some(({ type }) => type === 'object' || type === 'array')) return 'see meaning'
  return options.map((option) => ('const' in option ? `\`${option.const}\`` : ruleText(option))).join(', or ')
}

function grouped(bound: unknown): string {
  return Number(bound).toLocaleString('en-US')
}
