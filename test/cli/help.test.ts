import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { startProgram } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'shoal-help-'))
afterAll(() => rmSync(folder, { recursive: true }))

const shoal = (...args: readonly string[]) => startProgram(args, folder).ended
const whole = await shoal('--help')

/** The help of every command that does something, by how it is called. */
async function helpOf(path: readonly string[]): Promise<readonly (readonly [string, typeof whole])[]> {
  const help = path.length === 0 ? whole : await shoal(...path, '--help')
  const listed = help.stdout.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? ''
  const found = listed.split('\n').map((line) => /^ {2}(\w[\w-]*)/.exec(line)?.[1])
  const below = found.filter((name) => name !== undefined && name !== 'help') as string[]
  if (below.length === 0) return [[path.join(' '), help]]
  const parts = (await Promise.all(below.map((name) => helpOf([...path, name])))).flat()
  // One that does something by itself, too, has examples of that.
  return help.stdout.includes('\nExamples:\n') ? [[path.join(' '), help], ...parts] : parts
}

const all = await helpOf([])

describe('the help', () => {
  test('lists the commands and the exit codes', () => {
    expect(all.map(([command]) => command)).toEqual([
      'run',
      'demo',
      'produce',
      'consume',
      'anomalies',
      'drift',
      'drift approve',
      'drift reject',
      'status',
      'top',
      'model list',
      'model show',
      'model diff',
      'model freeze',
      'model resume',
      'model refit',
      'model reseed',
      'model rollback',
      'model pin',
      'model unpin',
      'model budget',
      'model export',
      'model import',
      'promote',
      'compare',
      'audit',
      'audit verify',
      'evaluate',
      'backtest',
      'choose-k',
      'train',
      'reference build',
      'topics',
      'token',
      'config check',
      'config schema',
      'config reference',
    ])
    const { code, stdout } = whole
    expect(code).toBe(0)
    for (const exit of ['0', '1', '2', '3', '130']) expect(stdout).toMatch(new RegExp(`^ +${exit} +\\S`, 'm'))
  })

  test.each(all)('of shoal %s has examples of that command', (command, { code, stdout, stderr }) => {
    expect([code, stderr]).toEqual([0, ''])
    const examples = stdout.split('\nExamples:\n')[1] ?? ''
    expect(examples).toMatch(new RegExp(`^ {2}(\\w+=\\S+ )?shoal ${command}\\b`, 'm'))
  })
})

test.each([
  ['an unknown command', ['fly']],
  ['an unknown option', ['run', '--fly']],
  ['an option without its value', ['demo', '--for']],
  ['a duration that is none', ['demo', '--for', 'soon']],
  ['a number that is none', ['run', '--workers', 'two']],
  ['a number beyond its bounds', ['run', '--workers', '0']],
])('%s ends with 2, and says what is wrong', async (_, args) => {
  const { code, stdout, stderr } = await shoal(...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/\S/)
  expect(stderr).not.toMatch(/^ +at /m)
})
