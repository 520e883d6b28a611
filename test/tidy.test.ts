/** The rules of the house that a machine can hold. ARCHITECTURE.md says why each is one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { errorsPage, metricsPage } from '../tools/catalogues.ts'
import { parseSource, readSources, type Source } from './sources.ts'

const product = readSources('src')
const page = readSources('console')
const everything = [...product, ...page, ...readSources('test', 'tools', 'load-tests')]

/** What each room may import besides itself. `main` is every file that lies in src itself. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  core: [],
  stages: ['core'],
  runtime: ['core', 'stages'],
  adapters: ['core', 'stages', 'runtime'],
  http: ['core', 'stages', 'runtime'],
  generator: ['core'],
  cli: ['core', 'stages', 'runtime', 'adapters', 'http', 'generator', 'main'],
  main: ['core', 'stages', 'runtime', 'adapters', 'http', 'generator', 'cli'],
}

/** The runtime reads its configuration with these; all else it asks of a port. */
const packagesOfRuntime = ['yaml', 'zod']

function roomOf(path: string): string {
  const [, room = '', ...rest] = path.split('/')
  return rest.length === 0 ? 'main' : room
}

const isOwn = (from: string) => from.startsWith('src/')
const isOfPage = (from: string) => from.startsWith('console/')
const isNode = (from: string) => from.startsWith('node:')
const inRooms = (sources: readonly Source[], ...names: readonly string[]) =>
  sources.filter(({ path }) => names.includes(roomOf(path)))

function against(sources: readonly Source[], findings: (source: Source) => readonly string[]): readonly string[] {
  return sources.flatMap((source) => findings(source).map((finding) => `${source.path}: ${finding}`))
}

function wrongRooms(sources: readonly Source[]): readonly string[] {
  return against(sources, ({ path, imports }) => {
    const room = roomOf(path)
    const allowed = rooms[room]
    if (allowed === undefined) return [`there is no room ${room}`]
    const others = imports.filter(({ from }) => isOwn(from) && roomOf(from) !== room && !allowed.includes(roomOf(from)))
    return others.map(({ from }) => `${room} may not import ${from}`)
  })
}

function strangers(sources: readonly Source[]): readonly string[] {
  return against(sources, ({ path, imports }) => {
    const allowed = roomOf(path) === 'runtime' ? packagesOfRuntime : []
    const others = imports.filter(
      ({ from }) => !isOwn(from) && !allowed.includes(from) && !(roomOf(path) === 'runtime' && isNode(from)),
    )
    return others.map(({ from }) => `may not import ${from}`)
  })
}

function neighbours(sources: readonly Source[]): readonly string[] {
  const folderOf = (path: string) => path.split('/').slice(0, 3).join('/')
  return against(inRooms(sources, 'adapters'), ({ path, imports }) => {
    const others = imports.filter(({ from }) => from.startsWith('src/adapters/') && folderOf(from) !== folderOf(path))
    return others.map(({ from }) => `an adapter may not import another: ${from}`)
  })
}

/** Whatever gives another answer on another day, another machine or another run. */
const impure = {
  names: [
    'performance',
    'crypto',
    'process',
    'console',
    'fetch',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
  ],
  members: ['Date.now', 'Math.random'],
  bareCalls: ['Date()'],
  /** In the machine's time zone or language. */
  local: /\.(get(Hours|Day|Date|Month|FullYear|Minutes|TimezoneOffset)|toLocale\w*|localeCompare)$/,
}

function impurities(sources: readonly Source[]): readonly string[] {
  return against(sources, ({ names, members, bareCalls }) => [
    ...impure.names.filter((name) => names.has(name)),
    ...impure.members.filter((name) => members.has(name)),
    ...impure.bareCalls.filter((name) => bareCalls.has(name)),
    ...[...members].filter((name) => impure.local.test(name)),
  ])
}

/** The environment, signals and the end of the process belong to the composition root. */
function ofTheProcess(sources: readonly Source[]): readonly string[] {
  const reserved = ['process.env', 'process.argv', 'process.on', 'process.once', 'process.exit', 'process.exitCode']
  const others = sources.filter(({ path }) => !['cli', 'main'].includes(roomOf(path)))
  return against(others, ({ members }) => reserved.filter((name) => members.has(name)))
}

/** A type that its own file's signatures name is part of them; anything else is exported for somebody. */
function unusedExports(sources: readonly Source[]): readonly string[] {
  const used = new Set<string>()
  const wholly = new Set<string>()
  for (const { from, names } of sources.flatMap(({ imports }) => imports)) {
    if (names === null) wholly.add(from)
    for (const name of names ?? []) used.add(`${from} ${name}`)
  }
  return against(
    sources.filter(({ path }) => isOwn(path) || isOfPage(path)),
    ({ path, exports, ownTypes }) => {
      if (wholly.has(path)) return []
      const unused = exports.filter((name) => !used.has(`${path} ${name}`) && !ownTypes.includes(name))
      return unused.map((name) => `nobody imports ${name}`)
    },
  )
}

describe('the sources', () => {
  test('import only leftwards: core ← stages ← runtime ← adapters, http ← cli, main', () => {
    expect(wrongRooms(product)).toEqual([])
  })

  test('of core and stages import nothing from outside, not even Node', () => {
    expect(strangers(inRooms(product, 'core', 'stages'))).toEqual([])
  })

  test('of the runtime import no vendor', () => {
    expect(strangers(inRooms(product, 'runtime'))).toEqual([])
  })

  test('of one adapter do not import another', () => {
    expect(neighbours(product)).toEqual([])
  })

  test('of core and stages have no clock, no unseeded randomness and no machine around them', () => {
    expect(impurities(inRooms(product, 'core', 'stages'))).toEqual([])
  })

  test('leave environment, signals and the end of the process to the composition root', () => {
    expect(ofTheProcess(product)).toEqual([])
  })

  test('are named after their idea', () => {
    const names = /(^|[-/])(utils?|helpers?|common|types|manager|misc|index)\.ts$/
    expect(everything.map(({ path }) => path).filter((path) => names.test(path))).toEqual([])
  })

  test('have no default export and pass nothing on', () => {
    expect(
      [...product, ...page]
        .filter(({ hasDefaultExport, reExports }) => hasDefaultExport || reExports.length > 0)
        .map(({ path }) => path),
    ).toEqual([])
  })

  test('export nothing that nobody imports', () => {
    expect(unusedExports(everything)).toEqual([])
  })

  test('keep no state in a module', () => {
    expect(against([...product, ...page], ({ moduleVariables }) => moduleVariables)).toEqual([])
  })

  test('are at most 400 lines long', () => {
    expect(against(everything, ({ lines }) => (lines > 400 ? [`${lines} lines`] : []))).toEqual([])
  })
})

describe('the documentation', () => {
  const page = (name: string) => readFileSync(join(import.meta.dirname, '..', 'docs', name), 'utf8')

  test('of errors and dead letters is what `npm run docs` writes', () => {
    expect(page('errors.md')).toBe(errorsPage())
  })

  test('of metrics is what `npm run docs` writes', () => {
    expect(page('metrics.md')).toBe(metricsPage())
  })
})

describe('these rules', () => {
  const sample = (path: string, ...lines: readonly string[]) => [parseSource(path, lines.join('\n'))]

  test.each([
    [
      'a stage that imports the runtime, if only a type',
      'src/stages/a.ts',
      "import type { A } from '../runtime/ports.ts'",
    ],
    ['a core that passes on what a stage exports', 'src/core/a.ts', "export { a } from '../stages/a.ts'"],
    ['a runtime that loads an adapter later', 'src/runtime/a.ts', "const a = await import('../adapters/kafka/a.ts')"],
    ['a room that nobody knows', 'src/helpers/a.ts', ''],
  ])('see %s', (_, path, text) => {
    expect(wrongRooms(sample(path, text))).toHaveLength(1)
  })

  test('see a vendor in the runtime, and Node in the core', () => {
    expect(
      strangers(sample('src/runtime/a.ts', "import { Kafka } from 'kafkajs'", "import { z } from 'zod'")),
    ).toHaveLength(1)
    expect(strangers(sample('src/core/a.ts', "import { readFile } from 'node:fs/promises'"))).toHaveLength(1)
  })

  test('see an adapter that imports another', () => {
    const imports = ["import { a } from '../redis/a.ts'", "import { b } from './b.ts'"]
    expect(neighbours(sample('src/adapters/kafka/a.ts', ...imports))).toHaveLength(1)
  })

  test.each([
    'Date.now()',
    'new Date()',
    'Math.random()',
    'performance.now()',
    'setTimeout(f, 1)',
    'crypto.randomUUID()',
    'new Date(0).getHours()',
    'process.hrtime()',
  ])('see that %s is not pure', (text) => {
    expect(impurities(sample('src/core/a.ts', text))).toHaveLength(1)
  })

  test.each([
    'new Date(0)',
    'a.now()',
    'a.performance',
    '({ process: 1 })',
    "'Date.now()'",
    '/* Date.now() */',
    'new Date(0).getUTCHours()',
  ])('see that %s is pure', (text) => {
    expect(impurities(sample('src/core/a.ts', text))).toEqual([])
  })

  test('see that the environment is read outside the composition root', () => {
    expect(ofTheProcess(sample('src/runtime/a.ts', 'const a = process.env.A'))).toHaveLength(1)
    expect(ofTheProcess(sample('src/main.ts', 'const a = process.env.A'))).toEqual([])
  })

  test('see an export that only its own file uses, but not what another imports or a signature names', () => {
    const own = sample(
      'src/core/a.ts',
      'export const a = 1',
      'export interface InSignature {}',
      'export interface Unused {}',
      'export function c(b: InSignature) { return a }',
    )
    const other = sample('test/core/a.test.ts', "import { c } from '../../src/core/a.ts'")
    expect(unusedExports([...own, ...other])).toEqual([
      'src/core/a.ts: nobody imports a',
      'src/core/a.ts: nobody imports Unused',
    ])
  })

  test('see state, a default export and what is passed on', () => {
    const [source] = sample(
      'src/core/a.ts',
      'let a = 1',
      'const b = 2',
      'export default b',
      "export * from './c.ts'",
      "import { d } from './d.ts'",
      'export { d }',
    )
    expect(source).toMatchObject({ moduleVariables: ['a'], hasDefaultExport: true, reExports: ['*', 'd'] })
  })
})
