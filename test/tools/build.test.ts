/** What the package publishes: built in a copy, and run from another folder, as whoever installs it would. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startProgram } from '../cli/program.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'shoal-build-'))
const copy = join(folder, 'copy')
const elsewhere = join(folder, 'elsewhere')
const run = promisify(execFile)

beforeAll(async () => {
  mkdirSync(elsewhere)
  const parts = ['src', 'schemas', 'tools', 'package.json', 'tsconfig.json', 'README.md', 'ARCHITECTURE.md']
  for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  await run(process.execPath, [join(copy, 'tools', 'build.ts')], { cwd: copy })
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true }))

test('the program in dist/ runs from any folder, schemas and all', async () => {
  const { code, stdout, stderr } = await startProgram(
    ['demo', '--for', '2s', '--json'],
    elsewhere,
    join(copy, 'dist', 'main.js'),
  ).ended
  expect([code, stderr]).toEqual([0, ''])
  const summary = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { readonly scored: number }
  expect(summary.scored).toBeGreaterThan(1000)
})

test('an older Node is refused by the program in dist/, in words', async () => {
  const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`
  const args = [
    '--import',
    `data:text/javascript,${encodeURIComponent(older)}`,
    join(copy, 'dist', 'main.js'),
    '--help',
  ]
  await expect(run(process.execPath, args, { cwd: elsewhere })).rejects.toMatchObject({
    ...{ code: 2, stdout: '' },
    stderr: 'Node must be 24 or later: got 20.20.2\nInstall it, or use npm run shoal, which has its own.\n',
  })
})

test('node is started with the same flags and environment wherever the program is', () => {
  const text = (path: string) => readFileSync(join(root, path), 'utf8')
  const [shebang] = text('src/main.ts').split('\n', 1)
  // Kernels before 5.1 cut a first line off at 127 characters.
  expect(shebang.length).toBeLessThan(128)
  const [, environment, flags] = /^#!\/usr\/bin\/env -S (\S+=\S+(?: \S+=\S+)*) node (--\S+(?: --\S+)*)$/.exec(shebang)!
  expect(readFileSync(join(copy, 'dist', 'main.js'), 'utf8').startsWith(`${shebang}\n`)).toBe(true)
  const { scripts } = JSON.parse(text('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
  for (const [name, script] of Object.entries(scripts)) {
    if (/src\/main\.ts/.test(script))
      expect([name, script]).toEqual([name, expect.stringContaining(`node ${flags} src`)])
  }
  const dockerfile = text('deploy/docker/Dockerfile')
  for (const variable of environment.split(' ')) expect(dockerfile).toContain(`    ${variable} \\\n`)
  const [, entry] = /^ENTRYPOINT (.*)$/m.exec(dockerfile)!
  expect(JSON.parse(entry)).toEqual(['/usr/local/bin/node', ...flags.split(' '), '/app/dist/main.js'])
})

test('what a start compiled is kept for the next, and where it cannot be, the program starts all the same', async () => {
  const kept = join(copy, '.shoal', 'compiled')
  const version = () => run(process.execPath, [join(copy, 'dist', 'main.js'), '--version'], { cwd: elsewhere })
  rmSync(kept, { recursive: true, force: true })
  const { stdout } = await version()
  expect(readdirSync(kept)).not.toEqual([])
  rmSync(kept, { recursive: true })
  writeFileSync(kept, 'no folder')
  expect(await version()).toEqual({ stdout, stderr: '' })
})

test('the package holds the program, every schema and what to read first, and nothing else', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: copy })
  const [{ files }] = JSON.parse(stdout) as [{ readonly files: readonly { readonly path: string }[] }]
  const paths = files.map(({ path }) => path)
  const schemas = readdirSync(join(root, 'schemas')).map((name) => `schemas/${name}`)
  expect(paths).toEqual(
    expect.arrayContaining(['package.json', 'README.md', 'ARCHITECTURE.md', 'dist/main.js', ...schemas]),
  )
  const others = paths.filter((path) => !path.includes('/') || !/^(dist|schemas)\//.test(path))
  expect(others.toSorted()).toEqual(['ARCHITECTURE.md', 'README.md', 'package.json'])
})
