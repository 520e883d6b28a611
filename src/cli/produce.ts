/** `shoal produce`: a CSV file or the generator's transactions, to a topic. */
import { type Command, Option } from 'commander'
import type { EventFormat } from '../generator/flaws.ts'
import { shiftsWithin } from '../generator/shifts.ts'
import type { Configuration } from '../runtime/configuration/configuration.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { SchemaRegistry } from '../runtime/ports.ts'
import { type CliContext, withOpen } from './context.ts'
import { csvSource } from './csv-source.ts'
import { type GeneratedSourceEvent, generatorSource, registerGeneratorSchemas } from './generator-source.ts'
import { collect, positiveNumber, share, wholeNumber, withConfig } from './options.ts'
import { grouped } from './output.ts'
import { openTarget, type Planted, produceFrom, type Target } from './producing.ts'
import { createTruthFile, type TruthFile } from './truth-file.ts'

interface ProduceOptions {
  readonly config?: string
  readonly topic?: string
  readonly format?: EventFormat
  readonly partitions?: number
  readonly count?: number
  readonly rate?: number
  readonly seed: number
  readonly frauds: number
  readonly invalid: number
  readonly shifts: boolean
  readonly truth?: string
  readonly ignore?: readonly string[]
  readonly id?: string
  readonly key?: string
  readonly time?: string
  readonly json?: boolean
}

const defaultCount = 300_000

const examples = `
Examples:
  # 300,000 card transactions of the generator, 1 % of them invalid, and the truth about them
  shoal produce --count 300000 --invalid 1% --truth truth.csv --partitions 4

  # a CSV file, gzipped or not, without the columns that must not be learned from
  shoal produce transactions.csv.gz --ignore label --ignore 'meta_*' --key meta_customer

  # 500 events a second until Ctrl-C
  shoal produce --count 1e12 --rate 500

Without FILE the events are generated: decided by --seed, keyed by customer, with frauds of six kinds and two shifts
in behaviour: a gradual one from 40 % to 60 % of the events, and a sudden one at 75 %.
A key's partition is the one that Kafka's own Java client chooses.`

/** Adds the command. */
export function addProduce(program: Command, context: CliContext): void {
  withConfig(program.command('produce'))
    .description('write events to the input topic: the rows of a CSV file, or generated card transactions')
    .argument('[file]', 'CSV file with a header line, gzipped or not')
    .option('--topic <name>', 'topic (default: input.topic of the configuration)')
    .addOption(
      new Option('--format <format>', 'how values are written (default: input.format)').choices(['avro', 'json']),
    )
    .option('--partitions <n>', 'create the topic with so many partitions if it does not exist', wholeNumber(1, 10_000))
    .option('--count <n>', `events at most (default: the whole file, or ${grouped(defaultCount)})`, wholeNumber(1))
    .option('--rate <n>', 'events per second (default: as fast as possible)', positiveNumber(1e9))
    .option('--seed <n>', 'generator: what decides everything', wholeNumber(0), 1)
    .option('--frauds <share>', 'generator: share of fraudulent transactions', share(0.5), 0.005)
    .option('--invalid <share>', 'generator: share of invalid records, of every kind', share(1), 0.01)
    .option('--no-shifts', 'generator: no planted shifts in behaviour')
    .option('--truth <file>', 'generator: write which event is what, as CSV')
    .option(
      '--ignore <pattern>',
      'CSV: leave out columns whose name fits, * for anything; may be repeated',
      collect,
      [],
    )
    .option('--id <column>', 'CSV: column that holds the id (default: row-<n>, counted from 0)')
    .option('--key <column>', "CSV: column that is the record's key (default: no key, partitions in turn)")
    .option('--time <column>', "CSV: column that is the record's timestamp, in ms or ISO 8601 (default: now)")
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', examples)
    .action((file: string | undefined, options: ProduceOptions) => produce(context, file, options))
}

async function produce(context: CliContext, file: string | undefined, options: ProduceOptions): Promise<void> {
  refuseMixedUse(file, options)
  const configuration = await context.loadConfiguration(options.config)
  const format = options.format ?? configuration.input.format
  if (file !== undefined && format === 'avro') {
    throw new ShoalError('usage.invalid', '--format (or input.format) must be json for a CSV file: got avro')
  }
  if (file === undefined && format === 'avro' && configuration.input.schema !== null) {
    throw new ShoalError(
      'usage.invalid',
      'input.schemaFile must be unset to generate Avro, which names its schema in the registry',
    )
  }
  await withOpen(context.openLog(configuration), async (log) => {
    const target = await openTarget(log, options.topic ?? configuration.input.topic, options.partitions)
    if (file !== undefined) await produceFile(context, configuration.input.id, file, options, target)
    else await produceGenerated(context, configuration, format, options, target)
  })
}

function refuseMixedUse(file: string | undefined, options: ProduceOptions): void {
  if (file !== undefined && options.truth !== undefined) {
    throw new ShoalError('usage.invalid', `--truth must be used without a file, which has its own labels: got ${file}`)
  }
  const forFiles = [options.id, options.key, options.time, ...(options.ignore ?? [])].find((each) => each !== undefined)
  if (file === undefined && forFiles !== undefined) {
    throw new ShoalError('usage.invalid', `--id, --key, --time and --ignore must be used with a file: got ${forFiles}`)
  }
}

async function produceFile(
  context: CliContext,
  idField: string,
  path: string,
  { id, key, time, ignore = [], rate, count, json = false }: ProduceOptions,
  target: Target,
): Promise<void> {
  const columns = { idColumn: id ?? null, keyColumn: key ?? null, timeColumn: time ?? null }
  const source = await csvSource({ path, idField, ...columns, ignore })
  const most = count ?? Number.POSITIVE_INFINITY
  const onAcknowledged = () => Promise.resolve()
  await produceFrom(context, source, { target, rate: rate ?? null, most, json, planted: null, onAcknowledged })
}

async function produceGenerated(
  context: CliContext,
  configuration: Configuration,
  format: EventFormat,
  { seed, frauds, invalid, count = defaultCount, rate, json = false, ...options }: ProduceOptions,
  target: Target,
): Promise<void> {
  const shifts = options.shifts ? shiftsWithin(count) : {}
  const registered = (registry: SchemaRegistry) =>
    registerGeneratorSchemas(registry, target.topic, context.schema('transaction'), invalid > 0)
  const wireIds = format === 'json' ? null : await withOpen(context.openRegistry(configuration), registered)
  const source = generatorSource({ seed, count, frauds, invalid, shifts, wireIds })
  const truth = options.truth === undefined ? null : await createTruthFile(options.truth)
  const planted: Planted = { frauds: 0, invalid: 0, shifts }
  try {
    await produceFrom(context, source, {
      target,
      rate: rate ?? null,
      most: count,
      json,
      planted,
      onAcknowledged: (events, partitions) => note(events, partitions, truth, planted),
    })
  } finally {
    await truth?.close()
  }
}

async function note(
  events: readonly GeneratedSourceEvent[],
  partitions: readonly number[],
  truth: TruthFile | null,
  planted: Planted,
): Promise<void> {
  for (const [index, { generated }] of events.entries()) {
    if (generated.flaw !== null) planted.invalid++
    else if (generated.fraud !== null) planted.frauds++
    truth?.add(generated, partitions[index])
  }
  await truth?.flush()
}
