/** What CONTRIBUTING.md tells a newcomer to do can be done. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../', import.meta.url)
const page = readFileSync(new URL('CONTRIBUTING.md', root), 'utf8')

test('it names only scripts that exist', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
  const named = [...page.matchAll(/(?:`|^)npm (?:run )?([a-z]+(?::[a-z]+)*)/gm)].map(([, name]) => name)
  expect(named.length).toBeGreaterThan(8)
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

test('the files and folders that it names are there', () => {
  const named = [...page.matchAll(/(?:`| )((?:src|test|core|stages)\/[\w/.-]*)/g)].map(([, path]) => path)
  const found = (path: string) => [path, `src/${path}`].some((each) => existsSync(new URL(each, root)))
  expect(named.length).toBeGreaterThan(4)
  expect(named.filter((path) => !found(path))).toEqual([])
})
