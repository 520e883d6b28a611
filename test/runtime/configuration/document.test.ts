import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { overridableKeys, variableOf } from '../../../src/runtime/configuration/environment.ts'
import { loadConfiguration } from '../../../src/runtime/configuration/load.ts'
import { ShoalError } from '../../../src/runtime/errors.ts'
import { reference, refusalOf } from './loading.ts'

const origin = '"/etc/shoal/shoal.yaml" must be YAML: got'

describe('a text that is not YAML is refused with line and column', () => {
  test.each([
    ['a key that is there twice: a, at line 2, column 1', 'a: 1\na: 2'],
    ['a key that is there twice: k, at line 1, column 19', 'clusters: { k: 2, k: 3 }'],
    ['a missing character, such as a closing quote, a bracket or a comma at line 1, column 9', 'name: "a'],
    ['a tab as indentation at line 2, column 1', 'a:\n\t- b'],
    ['a second document at line 2, column 1', 'name: a\n---\nname: b'],
    ['aliases that cannot be resolved', 'name: *a'],
    ['a tag at line 1, column 7', 'name: !!js/function f'],
    ['a tag at line 1, column 16', 'name: !!binary aGk='],
    ['a key that is not a text at line 1, column 3', '? [a]\n: b'],
    ['a key that is not a text at line 1, column 1', '1: b'],
    ['nesting that is too deep', '['.repeat(200_000)],
    ['nesting that is too deep', '{"a":'.repeat(40_000)],
  ])('%s', (fault, text) => {
    const refusal = refusalOf(text)
    expect(refusal.code).toBe('config.unreadable')
    expect(refusal.message.slice(0, `${origin} ${fault}`.length)).toBe(`${origin} ${fault}`)
    expect(refusal.message).not.toContain('\n')
  })

  test('a bomb of aliases is refused, not unfolded', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghi'].map((name, at) =>
      at === 0 ? name : `${name}: &${name} [${`*${'abcdefghi'[at - 1]},`.repeat(9)}]`,
    )
    expect(refusalOf(bomb.join('\n')).message).toBe(`${origin} aliases that cannot be resolved`)
  })

  test('an alias to itself is data like any other', () => {
    expect(refusalOf('features: &a [*a]').message).toBe('features[0] must be a mapping: got a list of 1')
  })

  test('more than 262,144 characters are refused', () => {
    expect(refusalOf(`# ${'x'.repeat(262_143)}`).message).toBe(
      '"/etc/shoal/shoal.yaml" must have at most 262144 characters: got 262145',
    )
  })
})

describe('a configuration file', () => {
  const inFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'shoal-configuration-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return folder
  }

  test('is read from its path, and its secrets from beside it', () => {
    const folder = inFolder()
    writeFileSync(join(folder, 'shoal.yaml'), 'name: a\nregistry: { tokenFile: token }')
    writeFileSync(join(folder, 'token'), 'secret\n')
    const { name, registry } = loadConfiguration({ path: join(folder, 'shoal.yaml'), env: {} })
    expect(name).toBe('a')
    expect(registry?.auth.kind === 'bearer' && registry.auth.token.reveal()).toBe('secret')
  })

  test.each([
    ['is missing', 'nope.yaml', 'ENOENT'],
    ['is a folder', '.', 'EISDIR'],
    ['is not UTF-8', 'latin.yaml', 'ERR_ENCODING_INVALID_ENCODED_DATA'],
    ['never ends', '/dev/zero', 'larger than 1048576 bytes'],
  ])('that %s is refused', (_, name, reason) => {
    const folder = inFolder()
    writeFileSync(join(folder, 'latin.yaml'), Buffer.from('name: caf\xe9', 'latin1'))
    const path = name.startsWith('/') ? name : join(folder, name)
    const load = () => loadConfiguration({ path, env: {} })
    expect(load).toThrow(ShoalError)
    expect(load).toThrow(`--config must name a file that can be read: got ${JSON.stringify(path)} (${reason})`)
  })
})

describe('whatever is written, the answer is a configuration or a ShoalError of one-line violations', () => {
  const names = overridableKeys().map(({ path }) => path)
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      1,
      -1,
      2.5,
      1e9,
      'null',
      '',
      'a:1',
      reference('A'),
      '${',
      'redis://a:b@c',
      'https://d',
      'plain',
      [],
      {},
    ),
    fc.jsonValue({ maxDepth: 2 }),
    fc.string({ unit: 'binary' }),
  )
  const tree = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 6 }).map((entries) =>
    entries.reduce<Record<string, unknown>>((root, [path, leaf]) => {
      let at = root
      for (const name of path.slice(0, -1)) {
        at[name] ??= {}
        at = at[name] as Record<string, unknown>
      }
      at[path.at(-1) ?? ''] = leaf
      return root
    }, {}),
  )
  const tokens = fc
    .array(
      fc.constantFrom(
        'a',
        'clusters',
        'k',
        ':',
        ': ',
        '\n',
        '\n  ',
        '- ',
        '[',
        ']',
        '{',
        '}',
        ',',
        '"',
        "'",
        '&a ',
        '*a',
        '!t ',
        '|',
        '>',
        '#',
        '? ',
        '%',
        '@',
        '\t',
        '---\n',
        '1',
        '<<',
        '\u0000',
        '\ufeff',
      ),
    )
    .map((parts) => parts.join(''))

  const holds = (text: string, env: Readonly<Record<string, string>>): void => {
    try {
      loadConfiguration({ text, env, readFile: () => 'text' })
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error
      expect(['config.invalid', 'config.unreadable']).toContain(error.code)
      for (const line of error.message.split('\n')) expect(line).toMatch(/^\P{Cc}+ \P{Cc}+: got \P{Cc}+$/u)
    }
  }

  test('keys with any values', () => {
    fc.assert(
      fc.property(tree, (data) => holds(JSON.stringify(data), { A: 'x' })),
      { numRuns: 500 },
    )
  })

  test('tokens of YAML in any order', () => {
    fc.assert(
      fc.property(tokens, (text) => holds(text, {})),
      { numRuns: 1000 },
    )
  })

  test('any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => holds(text, {})),
      { numRuns: 500 },
    )
  })

  test('any variables', () => {
    const variables = fc.oneof(
      fc.constantFrom(...names.map(variableOf)),
      fc.string().map((name) => `SHOAL_${name}`),
    )
    const texts = fc.oneof(
      fc.constantFrom('null', 'true', '1', 'a:1,b', '[', '{}', reference('A')),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.dictionary(variables, texts, { maxKeys: 5 }), (env) => holds('', env)),
      { numRuns: 500 },
    )
  })
})
