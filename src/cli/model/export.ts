/** `shoal model export`: a version as a file. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { ShoalError } from '../../runtime/errors.ts'
import { modelFile } from '../../runtime/model-file.ts'
import type { CliContext } from '../context.ts'
import { wholeNumber, withConfig } from '../options.ts'
import { grouped, writeLine } from '../output.ts'
import { withVersions } from './versions.ts'

interface ExportOptions {
  readonly config?: string
  readonly to: string
  readonly force?: boolean
  readonly json?: boolean
}

const examples = `
Examples:
  shoal model export --to model.avro            the newest version
  shoal model export 1200 --to january.avro     one that is kept
  java -jar avro-tools.jar tojson --pretty model.avro | less

The file is an Avro object container: one record, exactly as topic models holds it, its schema (schemas/model.avsc), and
shoal.name, shoal.version, shoal.fingerprint, shoal.bornAtMs and shoal.publishedAtMs as metadata.
shoal model import makes it the birth of a model.`

/** Adds the command. */
export function addExport(model: Command, context: CliContext): void {
  withConfig(model.command('export'))
    .argument('[version]', 'a version that is kept (default: the newest)', wholeNumber(1))
    .description('write a version to a file that any Avro tool reads')
    .requiredOption('--to <file>', 'where; it must not exist yet')
    .option('--force', 'write over what exists')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((version: number | undefined, options: ExportOptions) => exportModel(context, version, options))
}

async function exportModel(
  context: CliContext,
  version: number | undefined,
  { config, to, force = false, json = false }: ExportOptions,
): Promise<void> {
  await withVersions(context, config, async ({ settings: { name }, newest, read }) => {
    const published = version === undefined ? newest : (await read(version)).published
    const file = modelFile(published, name, context.schema('model'))
    await write(to, file, force)
    const said = { name, version: published.scorer.version, file: to, bytes: file.length }
    const line = `version ${grouped(said.version)} of ${name}: ${grouped(file.length)} bytes in ${to}`
    return writeLine(context.stdout, json ? JSON.stringify(said) : line)
  })
}

async function write(path: string, file: Uint8Array, force: boolean): Promise<void> {
  try {
    await writeFile(path, file, { flag: force ? 'w' : 'wx' })
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    const why = exists ? `${path} exists, and --force writes over it` : cause instanceof Error ? cause.message : cause
    throw new ShoalError('file.unreadable', `--to must name a file that can be written: ${why}`, { cause })
  }
}
