/** The project's own source files, parsed: what each imports, exports and refers to. For test/tidy.test.ts. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseAst } from 'vitest/node'

export interface Import {
  /** A path from the root (`src/core/fields/fields.ts`), or a package's or Node module's name as it is written. */
  readonly from: string
  /** Null: everything (`import * as`, a dynamic import). */
  readonly names: readonly string[] | null
}

export interface Source {
  /** From the root, with slashes. */
  readonly path: string
  readonly lines: number
  readonly imports: readonly Import[]
  readonly exports: readonly string[]
  /** Those of `exports` that are types (or classes) and that the file itself refers to, as its signatures do. */
  readonly ownTypes: readonly string[]
  readonly hasDefaultExport: boolean
  /** Names that it passes on from other files. */
  readonly reExports: readonly string[]
  /** Names referred to that are not properties: `process`, `Date`, its own types and variables. */
  readonly names: ReadonlySet<string>
  /** Properties of named things: `Math.random`, `Date.now`; of anything else only the property: `.getHours`. */
  readonly members: ReadonlySet<string>
  /** What is called or constructed without an argument: `Date()`. */
  readonly bareCalls: ReadonlySet<string>
  /** Variables of the module that can be assigned again. */
  readonly moduleVariables: readonly string[]
}

const root = join(import.meta.dirname, '..')

/** All TypeScript files in these folders of the project; AssemblyScript, which looks like it, is another language. */
export function readSources(...folders: readonly string[]): readonly Source[] {
  const paths = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      posix.join(folder, name.replaceAll('\\', '/')),
    ),
  )
  return paths
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('/assembly/'))
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')))
}

/** An ESTree node, as far as this file looks into one. */
type Node = Readonly<Record<string, unknown>> & { readonly type: string }

type Mutable<T> = T extends ReadonlySet<infer E> ? Set<E> : T extends readonly (infer E)[] ? E[] : T
type Findings = { -readonly [K in Exclude<keyof Source, 'path' | 'lines' | 'ownTypes'>]: Mutable<Source[K]> } & {
  types: string[]
}

export function parseSource(path: string, text: string): Source {
  const program: unknown = parseAst(text, { lang: path.endsWith('.tsx') ? 'tsx' : 'ts', sourceType: 'module' })
  if (!isNode(program)) throw new Error(`${path} cannot be parsed`)
  const found: Findings = {
    imports: [],
    exports: [],
    types: [],
    reExports: [],
    hasDefaultExport: false,
    names: new Set(),
    members: new Set(),
    bareCalls: new Set(),
    moduleVariables: [],
  }
  const statements = children(program, 'body')
  const imports = statements.filter(({ type }) => type === 'ImportDeclaration')
  const specifiers = imports.flatMap((each) => children(each, 'specifiers'))
  const imported = new Set(specifiers.map((each) => nameOf(child(each, 'local'))))
  for (const statement of statements) noteStatement(statement, imported, found)
  visit(program, null, (node, parent) => noteReference(node, parent, posix.dirname(path), found))
  const { types, ...rest } = found
  const ownTypes = found.exports.filter((name) => types.includes(name) && found.names.has(name))
  return { path, lines: text.split('\n').length - 1, ownTypes, ...rest }
}

/** What a statement of the module declares and exports. */
function noteStatement(statement: Node, imported: ReadonlySet<string>, found: Findings): void {
  const isExport = statement.type.startsWith('Export')
  const declared = isExport ? child(statement, 'declaration') : statement
  if (statement.type === 'ExportDefaultDeclaration') found.hasDefaultExport = true
  if (statement.type === 'ExportAllDeclaration') found.reExports.push('*')
  for (const specifier of isExport ? children(statement, 'specifiers') : []) {
    const isPassedOn = child(statement, 'source') !== null || imported.has(nameOf(child(specifier, 'local')))
    const into = isPassedOn ? found.reExports : found.exports
    into.push(nameOf(child(specifier, 'exported')))
  }
  if (declared === null) return
  if (statement.type === 'ExportNamedDeclaration') found.exports.push(...declaredNames(declared))
  if (isTypeDeclaration(declared)) found.types.push(...declaredNames(declared))
  if (declared.type === 'VariableDeclaration' && declared.kind !== 'const') {
    found.moduleVariables.push(...declaredNames(declared))
  }
}

/** What a node anywhere in the module refers to. */
function noteReference(node: Node, parent: Node | null, folder: string, found: Findings): void {
  if (isImport(node)) {
    const from = child(node, 'source')?.value
    if (typeof from !== 'string') return
    found.imports.push({ from: from.startsWith('.') ? posix.join(folder, from) : from, names: importedNames(node) })
  }
  if (node.type === 'MemberExpression' && node.computed !== true) found.members.add(memberOf(node))
  const isCall = node.type === 'NewExpression' || node.type === 'CallExpression'
  if (isCall && children(node, 'arguments').length === 0) found.bareCalls.add(`${nameOf(child(node, 'callee'))}()`)
  const isDeclaration = parent !== null && isTypeDeclaration(parent) && parent.id === node
  if (node.type === 'Identifier' && !isPropertyName(node, parent) && !isDeclaration) found.names.add(nameOf(node))
}

function isImport({ type }: Node): boolean {
  return ['ImportDeclaration', 'ImportExpression', 'ExportNamedDeclaration', 'ExportAllDeclaration'].includes(type)
}

function importedNames(node: Node): readonly string[] | null {
  if (node.type === 'ImportExpression' || node.type === 'ExportAllDeclaration') return null
  const specifiers = children(node, 'specifiers')
  if (specifiers.some(({ type }) => type === 'ImportNamespaceSpecifier')) return null
  const key = node.type === 'ImportDeclaration' ? 'imported' : 'local'
  return specifiers.map((specifier) =>
    specifier.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(child(specifier, key)),
  )
}

function declaredNames(declaration: Node): readonly string[] {
  if (declaration.type !== 'VariableDeclaration') return [nameOf(child(declaration, 'id'))]
  return children(declaration, 'declarations').flatMap((each) => boundNames(child(each, 'id')))
}

/** `a`, `{ a, b }`, `[a, b]`. */
function boundNames(pattern: Node | null): readonly string[] {
  if (pattern?.type === 'ObjectPattern')
    return children(pattern, 'properties').flatMap((each) => boundNames(child(each, 'value')))
  if (pattern?.type === 'ArrayPattern') return children(pattern, 'elements').flatMap(boundNames)
  return [nameOf(pattern)]
}

function memberOf(node: Node): string {
  const object = child(node, 'object')
  return `${object?.type === 'Identifier' ? nameOf(object) : ''}.${nameOf(child(node, 'property'))}`
}

function isPropertyName(node: Node, parent: Node | null): boolean {
  if (parent === null || parent.computed === true) return false
  return (
    (parent.type === 'MemberExpression' && parent.property === node) ||
    (parent.key === node && parent.shorthand !== true)
  )
}

function isTypeDeclaration({ type }: Node): boolean {
  return ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'ClassDeclaration'].includes(type)
}

function nameOf(node: Node | null): string {
  const name = node?.name ?? node?.value
  return typeof name === 'string' ? name : ''
}

function visit(node: Node, parent: Node | null, see: (node: Node, parent: Node | null) => void): void {
  see(node, parent)
  for (const value of Object.values(node))
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) visit(each, node, see)
}

function child(node: Node, key: string): Node | null {
  const value = node[key]
  return isNode(value) ? value : null
}

function children(node: Node, key: string): readonly Node[] {
  const value = node[key]
  return Array.isArray(value) ? value.filter(isNode) : []
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
