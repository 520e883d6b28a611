/**
 * `npm test`: types, lint, then all tests. The last line is `N passed, N failed, N skipped`, in which types and lint
 * count as one test each. `npm test -- <filters>` runs only the tests of the files that vitest's filters name.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

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

/** kafkajs asks for timers in the past whenever it sends, which Node remarks upon in every process. */
const environment = {
  ...process.env,
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --disable-warning=TimeoutNegativeWarning`,
}

const args = process.argv.slice(2)
// Ctrl-C reaches vitest, too, which then stops its servers: wait for it instead of dying before it.
process.on('SIGINT', () => {})
const isWhole = args.length === 0
const steps = isWhole ? [await step('types', 'tsc', ['-p', '.']), await step('lint', 'biome', ['check'])] : []
const tests = await runTests(args)
const { passed, failed, skipped } = [...steps, tests].reduce(add)
process.exitCode = failed === 0 ? 0 : 1
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)

async function step(name: string, command: string, parameters: readonly string[]): Promise<Tally> {
  console.log(`\n── ${name}`)
  const code = await run(program(command), parameters)
  console.log(code === 0 ? `${name} passed` : `${name} FAILED`)
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

async function runTests(filters: readonly string[]): Promise<Tally> {
  console.log('\n── tests')
  const folder = await mkdtemp(join(tmpdir(), 'shoal-tests-'))
  try {
    const file = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
    const code = await run(process.execPath, [vitest, 'run', ...reporters, ...filters])
    return await count(file, code)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
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
  const skipped = result.numPendingTests + result.numTodoTests
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
function run(command: string, parameters: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, { cwd: root, stdio: 'inherit', env: environment })
    process.once('SIGTERM', () => child.kill('SIGTERM'))
    child.once('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
