/** `shoal consume`: what Shoal has written, committed records only. */
import { Argument, type Command, Option } from 'commander'
import { startsOf } from '../runtime/batches.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { EventLog } from '../runtime/ports.ts'
import { keyAt, type RecordBatch, valueAt as valueBytesOf } from '../stages/records.ts'
import { existingRanges, readOn, readUpTo } from './committed.ts'
import { type Consumable, type ConsumedRecord, consumable, consumedColumns } from './consumed-columns.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from './context.ts'
import { wholeNumber, withConfig } from './options.ts'
import { type Column, headLine, rowLine, writeLine } from './output.ts'

interface ConsumeOptions {
  readonly config?: string
  readonly from: 'beginning' | 'end'
  readonly limit?: number
  readonly follow?: boolean
  readonly json?: boolean
}

const examples = `
Examples:
  shoal consume anomalies --from end --follow         anomalies as they are found, and why
  shoal consume dead-letters --limit 20               twenty invalid events, and why
  shoal consume assignments --json > assignments.jsonl

Only committed records are read. The order is kept within each partition. Without --follow it ends where the topic
ended when it started. --json prints one object a line: where the record is, its key, its headers and its value.`

/** Adds the command. */
export function addConsume(program: Command, context: CliContext): void {
  withConfig(program.command('consume'))
    .description('read what Shoal has written')
    .addArgument(new Argument('<what>', 'which of its topics').choices(consumable))
    .addOption(new Option('--from <where>', 'where to begin').choices(['beginning', 'end']).default('beginning'))
    .option('--limit <n>', 'stop after so many records', wholeNumber(1))
    .option('--follow', 'wait for more, until Ctrl-C')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples)
    .action((what: Consumable, options: ConsumeOptions) => consume(context, what, options))
}

type Reader = (values: readonly Uint8Array[]) => Promise<readonly unknown[]>

/** A dead letter may be anything: its value is only measured. */
const measure: Reader = async (values) => values.map((value) => ({ bytes: value.length }))

async function consume(context: CliContext, what: Consumable, options: ConsumeOptions): Promise<void> {
  const configuration = await context.loadConfiguration(options.config)
  const { topics } = context.settingsOf(configuration)
  const { topic, schema } = {
    assignments: { topic: topics.assignments, schema: 'assignment' },
    anomalies: { topic: topics.anomalies, schema: 'anomaly' },
    'dead-letters': { topic: topics.deadLetters, schema: null },
    'drift-events': { topic: topics.driftEvents, schema: 'drift-event' },
    models: { topic: topics.models, schema: 'model' },
    profiles: { topic: topics.profiles, schema: 'profile' },
  }[what]
  if (topic === null)
    throw new ShoalError('usage.invalid', 'profiles must be asked for by a feature of the configuration: none does')
  await withOpen(context.openLog(configuration), async (log) => {
    const from = { log, topic, columns: consumedColumns[what] }
    if (schema === null) return await show(context, { ...from, read: measure }, options)
    await withOpen(context.openRegistry(configuration), (registry) =>
      show(context, { ...from, read: context.reader(schema, registry) }, options),
    )
  })
}

interface Shown {
  readonly log: EventLog
  readonly topic: string
  readonly columns: readonly Column<ConsumedRecord>[]
  readonly read: Reader
}

async function show(
  context: CliContext,
  { log, topic, columns, read }: Shown,
  { from, limit = Number.POSITIVE_INFINITY, follow = false, json = false }: ConsumeOptions,
): Promise<void> {
  const { signal } = context
  const all = await existingRanges(log, topic)
  const ranges = from === 'beginning' ? all : all.map((range) => ({ ...range, from: range.to }))
  const committed = follow ? readOn(log, topic, startsOf(ranges), signal) : readUpTo(log, topic, ranges, signal)
  if (!json) await writeLine(context.stdout, headLine(columns))
  let shown = 0
  for await (const { batch, count } of committed) {
    for (const record of await recordsOf(batch, Math.min(count, limit - shown), read)) {
      await writeLine(context.stdout, json ? JSON.stringify(record, forJson) : rowLine(columns, record))
      shown++
    }
    if (shown >= limit) return
  }
  // Ctrl-C is how a follower is meant to end.
  if (!follow) refuseWhenInterrupted(context, `${shown} records shown`)
}

/** The first `count` records of a batch. */
async function recordsOf(batch: RecordBatch, count: number, read: Reader): Promise<ConsumedRecord[]> {
  const indices = Array.from({ length: count }, (_, index) => index)
  const present = indices.filter((index) => batch.valueLength[index] >= 0)
  const values = await read(present.map((index) => valueBytesOf(batch, index) as Buffer))
  const valueAt = new Map(present.map((index, i) => [index, values[i]]))
  return indices.map((index) => ({
    at: { partition: batch.partition, offset: batch.offset[index], timestampMs: batch.timestamp[index] },
    key: keyAt(batch, index)?.toString() ?? null,
    headers: Object.fromEntries(
      batch.headers(index).map(({ name, value }) => [name, value === null ? null : Buffer.from(value).toString()]),
    ),
    value: valueAt.get(index) ?? null,
  }))
}

/** Bytes as hexadecimal digits; what JSON has no word for as text. A Buffer has become plain data before it gets here. */
function forJson(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  const plain = value as { readonly type?: unknown; readonly data?: readonly number[] } | null
  return plain?.type === 'Buffer' && Array.isArray(plain.data) ? Buffer.from(plain.data).toString('hex') : value
}
