import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { startProgram } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'shoal-help-'))
afterAll(() => rmSync(folder, { recursive: true }))

const shoal = (...args: readonly string[]) => startProgram(args, folder).ended

/** Every command that does something, as it is called. */
async function commands(): Promise<readonly string[][]> {
  const names = async (...path: readonly string[]) => {
    const { stdout } = await shoal(...path, '--help')
    const listed = stdout.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? ''
    const found = listed.split('\n').map((line) => /^ {2}(\w[\w-]*)/.exec(line)?.[1])
    return found.filter((name) => name !== undefined && name !== 'help') as string[]
  }
  const found: string[][] = []
  for (const name of await names()) {
    const below = await names(name)
    if (below.length === 0) found.push([name])
    else found.push(...below.map((one) => [name, one]))
  }
  return found
}

const all = await commands()

describe('the help', () => {
  test('lists the commands and the exit codes', async () => {
    expect(all.map((path) => path.join(' '))).toEqual([
      'run',
      'demo',
      'produce',
      'consume',
      'evaluate',
      'backtest',
      'choose-k',
      'train',
      'topics',
      'config check',
      'config schema',
      'config reference',
    ])
    const { code, stdout } = await shoal('--help')
    expect(code).toBe(0)
    for (const exit of ['0', '1', '2', '3', '130']) expect(stdout).toMatch(new RegExp(`^ +${exit} +\\S`, 'm'))
  })

  test.each(all.map((path) => path.join(' ')))('of shoal %s has examples of that command', async (command) => {
    const { code, stdout, stderr } = await shoal(...command.split(' '), '--help')
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
