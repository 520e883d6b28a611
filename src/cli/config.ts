/** `shoal config`: what a configuration means, and what it may hold. Opens no connection. */
import type { Command } from 'commander'
import type { Configuration } from '../runtime/configuration/configuration.ts'
import { explain } from '../runtime/configuration/explain.ts'
import { configurationJsonSchema } from '../runtime/configuration/json-schema.ts'
import { configurationPage } from '../runtime/configuration/reference.ts'
import { configurationScreen } from './config-screen.ts'
import { withConfig } from './options.ts'
import { writeLine } from './output.ts'

interface ConfigContext {
  readonly stdout: NodeJS.WritableStream
  /** Unset: the defaults and the environment alone, or the file that is found by its name. */
  loadConfiguration(path: string | undefined): Promise<Configuration>
}

interface CheckOptions {
  readonly config?: string
  readonly json: boolean
}

const checkExamples = `
Examples:
  # what a file means, or every rule that it breaks
  shoal config check --config shoal.yaml

  # how many clusters it asks for
  shoal config check --config shoal.yaml --json | jq .learns.k`

const schemaExamples = `
Examples:
  # completion and checks in an editor
  shoal config schema > shoal.schema.json`

const referenceExamples = `
Examples:
  # what can be set, and what holds when it is not
  shoal config reference | less`

/** Adds the command. */
export function addConfig(program: Command, context: ConfigContext): void {
  const config = program.command('config').description('explain a configuration, or describe its keys')
  withConfig(config.command('check'))
    .description('say what a configuration means, or which rules it breaks (exit code 2); connects to nothing')
    .option('--json', 'print it as JSON', false)
    .addHelpText('after', checkExamples)
    .action((options: CheckOptions) => check(context, options))
  config
    .command('schema')
    .description('print the JSON Schema of the configuration, for editors')
    .addHelpText('after', schemaExamples)
    .action(() => writeLine(context.stdout, configurationJsonSchema().trimEnd()))
  config
    .command('reference')
    .description('print every key with its default and meaning, as Markdown')
    .addHelpText('after', referenceExamples)
    .action(() => writeLine(context.stdout, configurationPage().trimEnd()))
}

async function check(context: ConfigContext, { config, json }: CheckOptions): Promise<void> {
  const facts = explain(await context.loadConfiguration(config))
  await writeLine(context.stdout, json ? JSON.stringify(facts, null, 2) : configurationScreen(facts))
}
