/** `shoal model list`, `show` and `diff`, on versions 1, 3 and 5. */
import { describe, expect, test } from 'vitest'
import { diffViewSchema } from '../../src/runtime/views/diff-view.ts'
import { modelViewSchema } from '../../src/runtime/views/model-view.ts'
import { versionViewSchema } from '../../src/runtime/views/version-view.ts'
import { commandLine } from './command-line.ts'
import { world, yaml } from './obeying-model.ts'

const why = ['--reason', 'cents', '--by', 'Zoë'] as const

describe('shoal model list', () => {
  test('has the versions that are kept, newest first, with what became of them', async () => {
    const { said, shoal } = await world()
    await said(['model', 'pin', '1', ...why])
    await said(['model', 'rollback', '--to', '3', ...why])
    const { code, stdout } = await shoal(['model', 'list'])
    expect(code).toBe(0)
    const [title, , head, ...lines] = stdout.trimEnd().split('\n')
    expect(title).toBe('cards: version 7')
    expect(head).toMatch(/^ +version {2}published +events +k {2}variance left {2}silhouette {2}anomalous$/)
    const marks = lines.map((line) => [Number(line.slice(0, 11)), line.slice(head.length + 2)] as const)
    expect(marks).toEqual([
      [7, 'newest'],
      [6, 'undone'],
      [5, 'undone'],
      [3, 'healthy'],
      [1, 'birth, pinned'],
    ])
    expect(lines[0]).toMatch(/^ +7 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ +2,600 +3 +[\d.]+ % +0\.\d{3} +[\d.]+ %/)
  })

  test('pages, and says how to go on', async () => {
    const { shoal } = await world()
    const first = await shoal(['model', 'list', '--limit', '2'])
    expect(first.stdout).toMatch(/\n +3 .*\nolder ones: --before 3\n$/)
    const { stdout } = await shoal(['model', 'list', '--limit', '2', '--before', '3', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ name: 'cards', versions: [{ version: 1, pinned: false }] })
    expect((await shoal(['model', 'list', '--before', '1'])).stdout).toContain('No version before that is kept.')
  })

  test('as JSON holds what the schema of the API says', async () => {
    const { shoal } = await world()
    const { versions } = JSON.parse((await shoal(['model', 'list', '--json'])).stdout)
    expect(versions.map((view: unknown) => versionViewSchema.parse(view).version)).toEqual([5, 3, 1])
  })
})

describe('shoal model show', () => {
  test('shows the newest version, or one by its number', async () => {
    const { said, shoal, model } = await world()
    await said(['model', 'freeze', ...why])
    const { code, stdout } = await shoal(['model', 'show'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^cards: version 6 of .* \(.*\), 2,600 events learned since 2025-10-09 08:53:20Z\n/)
    expect(stdout).toMatch(/\n3 clusters in 2 columns; 0\.5 % of the events may be called anomalous/)
    expect(stdout).toContain('LEARNING STANDS STILL since version 6: shoal model resume lets it go on.')
    expect(stdout).toContain('freeze in version 6, by Zoë: cents')
    const clusters = stdout.slice(stdout.indexOf('cluster    share')).trimEnd().split('\n').slice(1)
    expect(clusters.map((line) => Number(line.slice(0, 7))).sort()).toEqual([...model.ids])
    for (const line of clusters) expect(line).toMatch(/x[01] -?[\d.]+ \(-?[\d.]+\)/)
    expect((await shoal(['model', 'show', '3'])).stdout).toMatch(/^cards: version 3 of /)
  })

  test('as JSON holds what the schema of the API says', async () => {
    const { shoal, model } = await world()
    const view = modelViewSchema.parse(JSON.parse((await shoal(['model', 'show', '--json'])).stdout))
    expect([view.version, view.clusters.map(({ id }) => id)]).toEqual([5, [...model.ids]])
  })

  test('of a version that is not kept says which are', async () => {
    const { code, error } = await (await world()).shoal(['model', 'show', '4'])
    expect(code).toBe(1)
    expect(error).toContain('version 4 of cards must be kept: it is not; `shoal model list` names those that are')
  })

  test('needs a model', async () => {
    const { shoal, log } = commandLine(yaml)
    await log.prepare([{ topic: 'cards.models', partitions: 1, owner: 'shoal', cleanup: 'compact' }], true)
    for (const command of ['list', 'show']) {
      expect((await shoal(['model', command])).error).toContain('there must be a model of cards')
    }
  })
})

describe('shoal model diff', () => {
  test('says how far which cluster has moved, and in what', async () => {
    const { shoal, model } = await world()
    const { code, stdout } = await shoal(['model', 'diff', '1'])
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^cards: from version 1 \(.*\) to 5 \(.*\), 2,000 more events learned$/)
    expect(lines[1]).toBe('clusters that came: none; that went: none')
    expect(lines[4]).toBe('cluster    moved    share             most in')
    expect(
      lines
        .slice(5)
        .map((line) => Number(line.slice(0, 7)))
        .sort(),
    ).toEqual([...model.ids])
    for (const line of lines.slice(5)) expect(line).toMatch(/→ [\d.]+ % +x[01] -?[\d.]+ → -?[\d.]+/)
  })

  test('as JSON holds what the schema of the API says, whichever way round', async () => {
    const { shoal } = await world()
    const { stdout } = await shoal(['model', 'diff', '5', '3', '--json'])
    const { from, to } = diffViewSchema.parse(JSON.parse(stdout))
    expect([from.version, to.version]).toEqual([5, 3])
    expect((await shoal(['model', 'diff', '5', '3'])).stdout).toContain('1,000 fewer events learned')
  })
})
