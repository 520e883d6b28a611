/** What the README and the pages in docs/ show must be so. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { tunedHalfLifeEvents } from '../load-tests/quality/drift.ts'
import { loadConfiguration } from '../src/runtime/configuration/load.ts'
import { warningsOf } from '../src/runtime/configuration/warnings.ts'
import { pagePaths } from './pages/page-text.ts'

const root = new URL('../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const pages = [...pagePaths, 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'load-tests/README.md']

describe('the README', () => {
  const blocks = [...read('README.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1])

  test('shows configurations that are valid', () => {
    expect(blocks.length).toBeGreaterThan(0)
    for (const text of blocks) expect(loadConfiguration({ text, env: {} }).name).toBe('payments')
  })

  test('configures a topic of your own in at most ten lines', () => {
    expect(blocks[0].trimEnd().split('\n').length).toBeLessThanOrEqual(10)
  })

  test('names only scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = [...read('README.md').matchAll(/npm (?:run )?([a-z]+(?::[a-z]+)*)/g)].map((match) => match[1])
    for (const name of named) expect([...Object.keys(scripts), 'install', 'ci']).toContain(name)
  })

  test('links to each page of docs/', () => {
    const linked = [...read('README.md').matchAll(/\]\((docs\/[a-z-]+\.md)\)/g)].map((match) => match[1])
    expect(pagePaths.filter((path) => path.startsWith('docs/') && !linked.includes(path))).toEqual([])
  })

  test('names every topic that Shoal writes', () => {
    for (const topic of ['assignments', 'anomalies', 'dead-letters', 'model-updates', 'models', 'drift-events']) {
      expect(read('README.md')).toContain(`<name>.${topic}`)
    }
  })
})

test('load-tests/README.md names each program that measures', () => {
  const isProgram = (name: string) => read(`load-tests/${name}`).includes(`node load-tests/${name}`)
  const programs = readdirSync(new URL('load-tests/', root)).filter((name) => name.endsWith('.ts') && isProgram(name))
  const named = [...read('load-tests/README.md').matchAll(/^\| \[([a-z-]+\.ts)\]/gm)].map((match) => match[1])
  expect(named.sort()).toEqual(programs.sort())
})

describe('docs/learning.md', () => {
  const page = read('docs/learning.md')

  test('shows a configuration that is valid', () => {
    const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1])
    expect(blocks).toHaveLength(1)
    expect(loadConfiguration({ text: blocks[0], env: {} }).features).toHaveLength(7)
  })

  test('tells those whose clusters move fast the half-life that is measured', () => {
    expect(page).toContain(`set \`clusters: { halfLifeEvents: ${tunedHalfLifeEvents} }\``)
  })

  test('quotes what the pictures say', () => {
    const told = (picture: string, pattern: RegExp) =>
      read(`docs/pictures/${picture}.svg`).match(pattern)?.slice(1) ?? []
    const [k] = told('choose-k', /Where cards are used: (\d+) clusters stand out/)
    expect(page).toContain(`and ${k} stands out`)
    const [value, usual, share] = told('explanation', /device risk ([\d.]+), usual ([\d.]+), (\d+) %/)
    expect(page).toContain(`device risk ${value} where ${usual} is usual, ${share} % of the distance`)
    const [kept] = told('kept-ids', /set in: ([\d, ]+) go on/)
    expect(page).toContain(`Clusters ${kept.replace(/, (\d+)$/, ' and $1')} keep their numbers`)
    const [most] = told('budget', /of every 4,000, at most ([\d.]+) %/)
    expect(page).toContain(`rises to ${most} % when`)
  })

  test('shows, with docs/drift.md and the README, every picture', () => {
    const pages = page + read('docs/drift.md') + read('README.md')
    const shown = [...pages.matchAll(/!\[[^\]]+\]\((?:docs\/)?pictures\/([^)]+)\)/g)].map((match) => match[1])
    expect(shown.sort()).toEqual(readdirSync(new URL('docs/pictures/', root)).sort())
  })
})

/** What GitHub calls a heading in a link. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

describe.each(pages)('%s', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)].map(([, path, anchor]) => ({ path, anchor }))
  const local = links.filter(({ path }) => !/^[a-z]+:/.test(path))
  const target = (path: string) => new URL(path, new URL(page, root))

  test('links to files that exist', () => {
    for (const { path } of local) expect(existsSync(target(path)), path).toBe(true)
  })

  test('links to headings that exist', () => {
    for (const { path, anchor } of local.filter((link) => link.anchor !== undefined)) {
      const headings = [
        ...readFileSync(path === '' ? new URL(page, root) : target(path), 'utf8').matchAll(/^#+ (.+)$/gm),
      ]
      expect(headings.map(([, heading]) => anchorOf(heading))).toContain(anchor)
    }
  })
})

describe('the examples in deploy/', () => {
  test.each(readdirSync(new URL('deploy/examples/', root)))('%s is valid', (file) => {
    const text = read(`deploy/examples/${file}`)
    const configuration = loadConfiguration({ text, env: {}, readFile: () => 'secret' })
    expect(configuration.features.length).toBeGreaterThan(0)
    expect(warningsOf(configuration)).toEqual([])
  })
})
