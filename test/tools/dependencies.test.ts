/** The packages: each has a reason, a checksum and a licence; and what would let others in is refused. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { refusedLicences } from '../../tools/dependencies/licences.ts'
import { closureOf, type Lock, type LockEntry, lint, packagesOf, readLock } from '../../tools/dependencies/lock.ts'
import { dependenciesPage } from '../../tools/dependencies/page.ts'
import { building, running } from '../../tools/dependencies/reasons.ts'

const root = join(import.meta.dirname, '..', '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const lock = readLock(join(root, 'package-lock.json'))
const knownScripts = Object.keys(manifest.allowScripts)

test('each package has a reason, and each reason a package', () => {
  expect(Object.keys(running)).toEqual(Object.keys(manifest.dependencies))
  expect(Object.keys(building)).toEqual(Object.keys(manifest.devDependencies))
})

test('docs/dependencies.md says what the lock says', () => {
  expect(readFileSync(join(root, 'docs', 'dependencies.md'), 'utf8')).toBe(dependenciesPage())
})

test('the lock and the licences are good', () => {
  expect(lint(lock, { knownScripts })).toEqual([])
  expect(refusedLicences(lock)).toEqual([])
})

test('no key store of a cloud is installed', () => {
  const stores = /^node_modules\/(@aws-sdk|@azure|@google-cloud|googleapis|node-vault)/
  expect(packagesOf(lock).filter(([path]) => stores.test(path))).toEqual([])
})

/** The lock with one package changed. */
function withPackage(path: string, change: Partial<LockEntry>): Lock {
  return { ...lock, packages: { ...lock.packages, [path]: { ...lock.packages[path], ...change } } }
}

describe('refused by name', () => {
  const path = 'node_modules/zod'
  test.each([
    ['a package without a checksum', { integrity: undefined }, `${path}: must have a checksum`],
    ['a weak checksum', { integrity: 'sha1-x' }, `${path}: its checksum must be SHA-512: got sha1-x`],
    ['a link', { link: true }, `${path}: must be a package, not a link`],
    [
      'one from a repository',
      { resolved: 'git+ssh://git@host/zod.git' },
      `${path}: must come from a package index over https: got git+ssh://git@host/zod.git`,
    ],
    [
      'a script that nobody has looked at',
      { hasInstallScript: true },
      `${path}: its install script must be allowed or refused under allowScripts in package.json`,
    ],
  ])('%s', (_, change, line) => {
    expect(lint(withPackage(path, change), { knownScripts })).toEqual([line])
  })

  test('a version that is not pinned', () => {
    const loose = withPackage('', { dependencies: { zod: '^4.0.0' } })
    expect(lint(loose, { knownScripts })).toEqual(['zod: must be pinned to one version: got ^4.0.0'])
  })

  test.each([
    ['that asks for all of us to be published', 'AGPL-3.0-only', false],
    ['of which one choice is none', 'MIT OR GPL-3.0', true],
    ['of which one part is none', 'MIT AND GPL-3.0', false],
    ['that is not said', undefined, false],
  ])('a licence %s', (_, license, isAllowed) => {
    expect(refusedLicences(withPackage(path, { license }))).toHaveLength(isAllowed ? 0 : 1)
  })

  test('a licence for tools, in what is shipped', () => {
    expect(refusedLicences(withPackage(path, { license: 'MPL-2.0' }))).toEqual([
      `${path}: its licence must be one that is allowed: got MPL-2.0`,
    ])
    expect(refusedLicences(withPackage(path, { license: 'MPL-2.0', dev: true }))).toEqual([])
  })
})

test('what a package brings is found where Node would find it, the nearest first', () => {
  const bare = { ...lock.packages['node_modules/zod'], dependencies: {} }
  const packages = {
    'node_modules/a': { ...bare, dependencies: { b: '1', c: '1' } },
    'node_modules/a/node_modules/b': { ...bare, dependencies: { c: '1' } },
    'node_modules/b': bare,
    'node_modules/c': bare,
  }
  expect(closureOf({ lockfileVersion: 3, packages }, 'a')).toEqual([
    'node_modules/a',
    'node_modules/a/node_modules/b',
    'node_modules/c',
  ])
})
