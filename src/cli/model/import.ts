/** `shoal model import`: a version from a file, as the birth of a model of this name. */
import { readFile, stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { ShoalError } from '../../runtime/errors.ts'
import { modelOfFile } from '../../runtime/model-file.ts'
import type { CliContext } from '../context.ts'
import { durationMs, withConfig } from '../options.ts'
import { grouped, percent, writeLine } from '../output.ts'
import { publishBirth } from '../publish-birth.ts'

interface ImportOptions {
  readonly config?: string
  readonly wait: number
  readonly json?: boolean
}

/** Of a file; the largest model has some megabytes. */
const mostBytes = 256 * 1024 * 1024

const examples = `
Examples:
  shoal model import model.avro                 as the first model of the name in shoal.yaml
  SHOAL_NAME=cards-test shoal model import model.avro

Published as a birth: once, in a transaction, and refused when there is a model of this name, when a process of it runs, or
when the features of the configuration are not those that the model was born with. It keeps what it has learned, its
clusters' ids and its budget; commands, pins and a freeze stay behind. What the service then reads of its input it learns,
whether or not the model has learned it where it comes from.`

/** Adds the command. */
export function addImport(model: Command, context: CliContext): void {
  withConfig(model.command('import'))
    .argument('<file>', 'what shoal model export has written')
    .description('publish a version from a file as the first model of this name')
    .option('--wait <duration>', 'how long others may go on training that name, such as 30s', durationMs, 30_000)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((file: string, options: ImportOptions) => importModel(context, file, options))
}

async function importModel(
  context: CliContext,
  file: string,
  { config, wait, json = false }: ImportOptions,
): Promise<void> {
  const configuration = await context.loadConfiguration(config)
  const settings = context.settingsOf(configuration)
  const model = modelOfFile(await read(file), settings, Math.floor(context.clock.date()))
  await publishBirth(context, configuration, model, wait)
  const { version, k, trainedEvents, control } = model
  const said = { name: settings.name, version, clusters: k, trainedEvents, budget: control.budget }
  const differs = control.budget === settings.budget ? '' : `; the configuration says ${percent(settings.budget)}`
  const text = [
    `${file}: published as version ${grouped(version)} of ${settings.name}`,
    `${k} clusters, ${grouped(trainedEvents)} events learned, a budget of ${percent(control.budget)}${differs}`,
  ]
  await writeLine(context.stdout, json ? JSON.stringify(said) : text.join('\n'))
}

async function read(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)
    if (size <= mostBytes) return await readFile(file)
    throw new ShoalError('file.malformed', `a model's file must have at most ${mostBytes} bytes: ${file} has ${size}`)
  } catch (cause) {
    if (cause instanceof ShoalError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ShoalError('file.unreadable', `a model's file must be one that can be read: ${why}`, { cause })
  }
}
