/** The text of a configuration file as plain data. */
import { type ErrorCode, isCollection, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { ShoalError } from '../errors.ts'
import { nameText } from './violation.ts'

const maxConfigurationCharacters = 262_144

/** The parser's own messages may quote the line, and a line may hold a secret: only these words are printed. */
const faults: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias with a tag or an anchor',
  BAD_ALIAS: 'an alias to nothing',
  BAD_COLLECTION_TYPE: 'a collection of another kind than its tag says',
  BAD_DIRECTIVE: 'an unknown directive',
  BAD_DQ_ESCAPE: 'an unknown escape in a quoted text',
  BAD_INDENT: 'wrong indentation',
  BAD_PROP_ORDER: 'an anchor or tag in the wrong place',
  BAD_SCALAR_START: 'a value that starts with a reserved character',
  BLOCK_AS_IMPLICIT_KEY: 'a nested mapping on the line of its key',
  BLOCK_IN_FLOW: 'an indented block inside brackets',
  DUPLICATE_KEY: 'a key that is there twice',
  IMPOSSIBLE: 'something impossible',
  KEY_OVER_1024_CHARS: 'a key of more than 1024 characters',
  MISSING_CHAR: 'a missing character, such as a closing quote, a bracket or a comma',
  MULTILINE_IMPLICIT_KEY: "a key that runs over a line, or a missing ':'",
  MULTIPLE_ANCHORS: 'two anchors on one value',
  MULTIPLE_DOCS: 'a second document',
  MULTIPLE_TAGS: 'two tags on one value',
  NON_STRING_KEY: 'a key that is not a text',
  RESOURCE_EXHAUSTION: 'nesting that is too deep',
  TAB_AS_INDENT: 'a tab as indentation',
  TAG_RESOLVE_FAILED: 'a tag',
  UNEXPECTED_TOKEN: 'something unexpected',
}

/**
 * Plain data, `{}` for an empty text. Refused as `config.unreadable` with line and column: what is not YAML 1.2,
 * duplicate keys, tags, a second document, more than 256 Ki characters. `origin` names the file in messages.
 */
export function readDocument(text: string, origin: string): unknown {
  if (text.length > maxConfigurationCharacters) {
    const rule = `must have at most ${maxConfigurationCharacters} characters`
    throw new ShoalError('config.unreadable', `${origin} ${rule}: got ${text.length}`)
  }
  const lines = new LineCounter()
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `line ${Math.max(line, 1)}, column ${Math.max(col, 1)}`
  }
  const document = guarded(origin, () =>
    parseDocument(text, {
      version: '1.2',
      schema: 'core',
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'error',
    }),
  )
  const fault = document.errors[0] ?? document.warnings[0]
  if (fault !== undefined) {
    const name = fault.code === 'DUPLICATE_KEY' ? `: ${duplicate(text, fault.pos[0])},` : ''
    throw unreadable(origin, `${faults[fault.code]}${name} at ${at(fault.pos[0])}`)
  }
  refuseOddNodes(document, origin, at)
  // A few aliases are a convenience, thousands are a bomb.
  return guarded(origin, () => document.toJS({ maxAliasCount: 100 })) ?? {}
}

function duplicate(text: string, offset: number): string {
  return nameText(/^["']?([^"':,\n]*)/.exec(text.slice(offset, offset + 64))?.[1]?.trim() ?? '')
}

/** A key that is a list, a mapping, a number … has no name that a message could state; a tag makes bytes or sets. */
function refuseOddNodes(
  document: ReturnType<typeof parseDocument>,
  origin: string,
  at: (offset: number) => string,
): void {
  guarded(origin, () =>
    visit(document, {
      Node(_, node) {
        if (node.tag !== undefined) throw unreadable(origin, `a tag at ${at(node.range?.[0] ?? 0)}`)
      },
      Pair(_, pair) {
        const key = pair.key
        if (isScalar(key) && typeof key.value === 'string') return
        const offset = isScalar(key) || isCollection(key) ? (key.range?.[0] ?? 0) : 0
        throw unreadable(origin, `a key that is not a text at ${at(offset)}`)
      },
    }),
  )
}

/** The parser recurses, so a text of nothing but brackets exhausts its stack: that is a fault of the text. */
function guarded<T>(origin: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof ShoalError) throw error
    throw unreadable(
      origin,
      error instanceof RangeError ? 'nesting that is too deep' : 'aliases that cannot be resolved',
    )
  }
}

function unreadable(origin: string, fault: string): ShoalError {
  return new ShoalError('config.unreadable', `${origin} must be YAML: got ${fault}`)
}
