/**
 * `npm test`: types, lint, then all tests. The last line is `N passed, N failed, N skipped`, in which types and lint
 * count as one test each. `npm test -- <filters>` runs only the tests of the files that vitest's filters name.
 *
 * `npm run test:faults`: the fault suite in full, of which `npm test` holds a short form. `-- --filter <words>` runs only
 * the scenarios whose names contain them. Either way the faults that were injected, and what was counted, are printed
 * before the last line; with `--json` also as a line of JSON.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { ledgerText, ledgerVariable, readChapters, summarise } from './fault-ledger.ts'

interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const root = join(import.meta.dirname, '..')
const program = (name: string) => join(root, 'node_modules', '.bin', name)

/** The part of vitest's JSON report that is counted. */
const report = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
})

/** The kafkajs that tests use past the product asks for timers in the past whenever it sends, which Node remarks upon in every process. */
const environment = {
  ...process.env,
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --disable-warning=TimeoutNegativeWarning`,
}

const {
  values: { faults: isFaultsInFull = false, json: isJson = false, filter },
  positionals: files,
} = parseArgs({
  options: { faults: { type: 'boolean' }, json: { type: 'boolean' }, filter: { type: 'string' } },
  allowPositionals: true,
})
// Ctrl-C reaches vitest, too, which then stops its servers: wait for it instead of dying before it.
process.on('SIGINT', () => {})
const isWhole = files.length === 0 && filter === undefined && !isFaultsInFull
const steps = isWhole
  ? [
      await step('types', 'tsc', ['-p', '.']),
      await step('types of the console', 'tsc', ['-p', 'console']),
      await step('lint', 'biome', ['check']),
    ]
  : []
const tests = await runTests()
const { passed, failed, skipped } = [...steps, tests].reduce(add)
process.exitCode = failed === 0 ? 0 : 1
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)

async function step(name: string, command: string, parameters: readonly string[]): Promise<Tally> {
  console.log(`\n── ${name}`)
  const code = await run(program(command), parameters)
  console.log(code === 0 ? `${name} passed` : `${name} FAILED`)
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

async function runTests(): Promise<Tally> {
  console.log('\n── tests')
  const folder = await mkdtemp(join(tmpdir(), 'shoal-tests-'))
  try {
    const file = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
    const only = [...(isFaultsInFull ? ['--project', 'faults'] : []), ...(filter === undefined ? [] : ['-t', filter])]
    const own = { [ledgerVariable]: folder, ...(isFaultsInFull ? { SHOAL_TEST_FAULTS: 'full' } : {}) }
    const code = await run(process.execPath, [vitest, 'run', ...reporters, ...only, ...files], own)
    const tally = await count(file, code)
    await rm(file, { force: true })
    await printLedger(folder)
    return tally
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function printLedger(folder: string): Promise<void> {
  const chapters = await readChapters(folder)
  if (chapters.length === 0) return
  console.log(`\n── faults\n${ledgerText(chapters)}`)
  if (isJson) console.log(JSON.stringify({ ...summarise(chapters), chapters }))
}

/** A run that fails without a failed test (a file that cannot be loaded, an unhandled rejection) has one failure. */
async function count(file: string, code: number): Promise<Tally> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return { passed: 0, failed: 1, skipped: 0 }
  const result = report.parse(JSON.parse(text))
  const broken = result.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  )
  const failed = result.numFailedTests + broken.length
  // What a filter leaves out is not missing.
  const skipped = filter === undefined ? result.numPendingTests + result.numTodoTests : 0
  const tally = { passed: result.numPassedTests, failed: code !== 0 && failed === 0 ? 1 : failed, skipped }
  if (!process.env.CI || skipped === 0) return tally
  for (const { name, assertionResults } of result.testResults)
    for (const { fullName, status } of assertionResults)
      if (status !== 'passed' && status !== 'failed')
        console.log(`skipped, which in CI is a failure: ${name} ${fullName}`)
  return { passed: tally.passed, failed: tally.failed + skipped, skipped: 0 }
}

function add(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

/** The exit code; a program that cannot be started, or is ended by a signal, is a failure like any other. */
function run(
  command: string,
  parameters: readonly string[],
  own: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, { cwd: root, stdio: 'inherit', env: { ...environment, ...own } })
    process.once('SIGTERM', () => child.kill('SIGTERM'))
    child.once('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
