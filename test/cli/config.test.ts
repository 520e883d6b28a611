import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addConfig } from '../../src/cli/config.ts'
import { exitCodeOf } from '../../src/cli/exit-codes.ts'
import { configurationJsonSchema } from '../../src/runtime/configuration/json-schema.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import { configurationPage } from '../../src/runtime/configuration/reference.ts'
import { ShoalError } from '../../src/runtime/errors.ts'

/** What `shoal config …` prints when the file holds `yaml`. */
async function run(yaml: string, ...words: readonly string[]): Promise<string> {
  const stdout = new PassThrough({ highWaterMark: 1_000_000 })
  const program = new Command('shoal').exitOverride()
  const readFile = () => yaml
  addConfig(program, { stdout, loadConfiguration: async (path) => loadConfiguration({ path, env: {}, readFile }) })
  await program.parseAsync(['config', ...words], { from: 'user' })
  stdout.end()
  return text(stdout)
}

test('check says what a file means, in words', async () => {
  const screen = await run('clusters: { k: 8 }', 'check', '--config', 'shoal.yaml')
  expect(screen).toContain('\nLearns\n  8 clusters, ')
  expect(screen).toMatch(/\n$/)
})

test('check says what is left to the birth', async () => {
  const yaml =
    'clusters: { k: auto }\nfeatures: [{ field: amount, transform: auto }, { field: risk, transform: squash }]'
  const screen = await run(yaml, 'check', '--config', 'shoal.yaml')
  expect(screen).toContain(
    '\nLearns\n  as many clusters as the birth finds (2 to 32, or 16), born from the first 5,000',
  )
  expect(screen).toMatch(/amount +amount +the number, or its logarithm when that more than halves the skewness/)
  expect(screen).toMatch(/risk +risk +the number, straight within 10 robust spreads/)
})

test('check --json says the same for a program', async () => {
  const json: unknown = JSON.parse(await run('clusters: { k: 8 }', 'check', '--config', 'shoal.yaml', '--json'))
  expect(json).toMatchObject({ learns: { k: 8 }, set: { 'clusters.k': { by: 'file', shown: '8' } } })
})

test('check refuses a wrong file with exit code 2', async () => {
  const error: unknown = await run('clusters: { k: 1 }', 'check', '--config', 'shoal.yaml').catch(
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ShoalError)
  expect(error).toHaveProperty('message', 'clusters.k must be at least 2: got 1')
  expect(exitCodeOf(error)).toBe(2)
})

test('schema prints the JSON Schema, reference the page of the keys', async () => {
  expect(await run('', 'schema')).toBe(configurationJsonSchema())
  expect(await run('', 'reference')).toBe(configurationPage())
})
