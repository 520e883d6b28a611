/** `shoal consume`: what Shoal has written, committed records only. */
import { Argument, type Command, Option } from 'commander'
import type { EventLog, SchemaRegistry } from '../runtime/ports.ts'
import { keyOf, valueOf as valueBytesOf } from '../stages/records.ts'
import { type Committed, partitionsOf, readOn, readUpTo } from './committed.ts'
import { type Consumable, type ConsumedRecord, consumable, consumedColumns } from './consumed-columns.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from './context.ts'
import { merged } from './merged.ts'
import { wholeNumber, withConfig } from './options.ts'
import { headLine, rowLine, writeLine } from './output.ts'

interface ConsumeOptions {
  readonly config?: string
  readonly from: 'beginning' | 'end'
  readonly limit?: number
  readonly follow: boolean
  readonly json: boolean
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
    .option('--follow', 'wait for more, until Ctrl-C', false)
    .option('--json', 'print one JSON object a line', false)
    .addHelpText('after', examples)
    .action((what: Consumable, options: ConsumeOptions) => consume(context, what, options))
}

async function consume(context: CliContext, what: Consumable, options: ConsumeOptions): Promise<void> {
  const configuration = await context.loadConfiguration(options.config)
  const { topics } = context.settingsOf(configuration)
  const topicOf: { readonly [T in Consumable]: string } = {
    assignments: topics.assignments,
    anomalies: topics.anomalies,
    'dead-letters': topics.deadLetters,
    'drift-events': topics.driftEvents,
    models: topics.models,
  }
  await withOpen(context.openLog(configuration), async (log) => {
    if (what === 'dead-letters') return await show(context, log, what, topicOf[what], null, options)
    await withOpen(context.openRegistry(configuration), (registry) =>
      show(context, log, what, topicOf[what], registry, options),
    )
  })
}

async function show(
  context: CliContext,
  log: EventLog,
  what: Consumable,
  topic: string,
  registry: SchemaRegistry | null,
  { from, limit = Number.POSITIVE_INFINITY, follow, json }: ConsumeOptions,
): Promise<void> {
  const decode = registry === null ? null : context.decoder(registry)
  const columns = consumedColumns[what]
  const stop = new AbortController()
  const signal = AbortSignal.any([context.signal, stop.signal])
  const readers = await Promise.all(
    (await partitionsOf(log, topic)).map(async (at) => {
      const { start, end } = await log.bounds(at)
      const first = from === 'beginning' ? start : end
      return follow ? readOn(log, at, first, signal) : readUpTo(log, at, first, end, signal)
    }),
  )
  if (!json) await writeLine(context.stdout, headLine(columns))
  let shown = 0
  for await (const { batch, count } of merged(readers, () => stop.abort())) {
    for (let index = 0; index < count && shown < limit; index++, shown++) {
      const record = await recordAt(batch, index, decode)
      await writeLine(context.stdout, json ? JSON.stringify(record, forJson) : rowLine(columns, record))
    }
    if (shown >= limit) return
  }
  // Ctrl-C is how a follower is meant to end.
  if (!follow) refuseWhenInterrupted(context, `${shown} records shown`)
}

/** Without a decoder the value is only measured. */
async function recordAt(
  batch: Committed['batch'],
  index: number,
  decode: ((value: Uint8Array) => Promise<unknown>) | null,
): Promise<ConsumedRecord> {
  const value = valueBytesOf(batch, index)
  const measured = value === null ? null : { bytes: value.length }
  return {
    at: { partition: batch.partition, offset: batch.offset[index], timestampMs: batch.timestamp[index] },
    key: keyOf(batch, index)?.toString() ?? null,
    headers: Object.fromEntries(batch.headers(index).map(({ name, value }) => [name, Buffer.from(value).toString()])),
    value: decode === null || value === null ? measured : await decode(value),
  }
}

/** Bytes as hexadecimal digits; what JSON has no word for as text. A Buffer has become plain data before it gets here. */
function forJson(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  const plain = value as { readonly type?: unknown; readonly data?: readonly number[] } | null
  return plain?.type === 'Buffer' && Array.isArray(plain.data) ? Buffer.from(plain.data).toString('hex') : value
}
