/** `shoal anomalies`: what was called anomalous, and why. */
import type { Command } from 'commander'
import { endsOf } from '../runtime/batches.ts'
import { ShoalError } from '../runtime/errors.ts'
import { newestRecords, recordsOf } from '../runtime/insight/newest-records.ts'
import { type AnomalyRecord, type AnomalyView, anomalyView } from '../runtime/views/anomaly-view.ts'
import type { AnomalyValue } from '../stages/score.ts'
import { existingRanges, readOn } from './committed.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from './context.ts'
import { timeText } from './drift/times.ts'
import { instantMs, wholeNumber } from './options.ts'
import { type Column, grouped, headLine, rowLine, writeLine } from './output.ts'
import { apiWatch } from './watch/api-watch.ts'
import { withWatchOptions } from './watch/watch.ts'

interface AnomalyOptions {
  readonly config?: string
  readonly limit: number
  readonly since?: number
  readonly entity?: string
  readonly follow?: boolean
  readonly json?: boolean
  readonly url?: string
}

const examples = `
Examples:
  shoal anomalies
  shoal anomalies --entity customer-4711 --limit 5
  shoal anomalies --since 2026-01-31T12:00:00Z --json
  shoal anomalies --follow

The newest first, each with the features that explain most of it. --entity is the key of the event's record: the newest
10,000 anomalies are looked through, 1,000 with --url. --follow then shows those that come, as they come.`

/** Anomalies that are looked through for those that are asked for. */
const mostLookedAt = 10_000
/** And that the API gives. */
const mostOfApi = 1000

/** Adds the command. */
export function addAnomalies(program: Command, context: CliContext): void {
  withWatchOptions(program.command('anomalies'))
    .description('show which events were called anomalous, and why')
    .option('--limit <n>', 'show at most so many, the newest', wholeNumber(1, mostLookedAt), 20)
    .option('--since <time>', 'only events of this time or later, ISO 8601', instantMs)
    .option('--entity <key>', 'only events with this record key')
    .option('--follow', 'then show what comes, until Ctrl-C')
    .option('--json', 'print JSON, a line each')
    .addHelpText('after', examples)
    .action((options: AnomalyOptions) => anomalies(context, options))
}

type Read = (
  values: readonly { readonly value: Uint8Array; readonly record: AnomalyRecord }[],
) => Promise<AnomalyView[]>

async function anomalies(context: CliContext, options: AnomalyOptions): Promise<void> {
  const { limit, since = Number.NEGATIVE_INFINITY, entity, follow = false, json = false, url } = options
  const isAll = entity === undefined && options.since === undefined
  const asked: AskedAnomalies = {
    looked: isAll ? limit : mostLookedAt,
    isAsked: ({ atMs, key }) => atMs >= since && (entity === undefined || key === entity),
    show: (view) => writeLine(context.stdout, json ? JSON.stringify(view) : rowLine(columns, view)),
    begin: async (views) => {
      if (!json) await writeLine(context.stdout, headLine(columns))
      for (const view of views.filter(asked.isAsked).slice(0, limit)) await asked.show(view)
    },
  }
  if (url === undefined) return fromTopic(context, options, asked)
  if (follow) throw new ShoalError('usage.invalid', '--follow must be used without --url: it reads the topic')
  const token = context.environment.SHOAL_TOKEN ?? null
  await asked.begin(await apiWatch(url, token, context.signal).anomalies(Math.min(asked.looked, mostOfApi)))
}

interface AskedAnomalies {
  /** So many of the newest are looked at. */
  readonly looked: number
  readonly isAsked: (view: AnomalyView) => boolean
  readonly show: (view: AnomalyView) => Promise<void>
  /** Shows what is asked for of the newest. */
  readonly begin: (views: readonly AnomalyView[]) => Promise<void>
}

async function fromTopic(context: CliContext, { config, follow = false }: AnomalyOptions, asked: AskedAnomalies) {
  const configuration = await context.loadConfiguration(config)
  const { plan, topics } = context.settingsOf(configuration)
  const topic = topics.anomalies
  const { signal } = context
  await withOpen(context.openLog(configuration), (log) =>
    withOpen(context.openRegistry(configuration), async (registry) => {
      const decode = context.reader('anomaly', registry)
      const read: Read = async (records) => {
        const values = (await decode(records.map(({ value }) => value))) as AnomalyValue[]
        return values.map((value, i) => anomalyView(value, records[i].record, plan))
      }
      const ranges = await existingRanges(log, topic)
      const records = await newestRecords(log, topic, asked.looked, signal)
      const views = await read(records.map((record) => ({ value: record.value, record })))
      if (!follow) refuseWhenInterrupted(context, 'the anomalies have not all been read')
      await asked.begin(views)
      if (!follow) return
      const next = endsOf(ranges)
      for (const { partition, offset } of records) next.set(partition, Math.max(next.get(partition) ?? 0, offset + 1))
      for await (const { batch, count } of readOn(log, topic, next, signal)) {
        const coming = await read(recordsOf(batch, count).map((record) => ({ value: record.value, record })))
        for (const view of coming.filter(asked.isAsked)) await asked.show(view)
      }
    }),
  )
}

const columns: readonly Column<AnomalyView>[] = [
  { title: 'when', width: 20, align: 'left', text: ({ atMs }) => timeText(atMs) },
  { title: 'entity', width: 14, align: 'left', text: ({ key, eventId }) => key ?? eventId },
  { title: 'score', width: 6, align: 'right', text: ({ score }) => score.toFixed(4) },
  { title: 'far', width: 8, align: 'right', text: ({ remoteness }) => grouped(remoteness) },
  { title: 'cluster', width: 7, align: 'right', text: ({ cluster }) => String(cluster) },
  {
    title: 'why',
    width: 0,
    align: 'left',
    text: ({ sentence, warmUp }) => (warmUp ? `${sentence} (warming up)` : sentence),
  },
]
