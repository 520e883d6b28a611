/** `shoal drift`: what has changed in the stream and in the clusters, and what is open now. */
import { type Command, InvalidArgumentError } from 'commander'
import { endsOf } from '../runtime/batches.ts'
import type { PublishedModel } from '../runtime/model-follower.ts'
import type { ServiceSettings } from '../runtime/service.ts'
import { type Asked, driftReport } from '../runtime/views/drift/report.ts'
import { askedKinds, isAsked, type ToldEvent } from '../runtime/views/drift/told-event.ts'
import { valueAt } from '../stages/records.ts'
import { type Committed, existingRanges, readOn, readUpTo } from './committed.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from './context.ts'
import { addAnswers } from './drift/answers.ts'
import { driftText, eventLines } from './drift/drift-text.ts'
import { withFollower } from './following.ts'
import { instantMs, wholeNumber, withConfig } from './options.ts'
import { writeLine } from './output.ts'

interface DriftOptions {
  readonly config?: string
  readonly since?: number
  readonly kind: readonly string[]
  readonly limit: number
  readonly open?: boolean
  readonly follow?: boolean
  readonly json?: boolean
}

const kindsOf = (group: string) => askedKinds.filter((kind) => kind.startsWith(`${group}.`)).join(', ')

const examples = `
Examples:
  shoal drift                          what is open now, and what was told before
  shoal drift --open                   only what is open: what changed, since when, how sure, what to do
  shoal drift --since 2026-01-31 --kind drift
  shoal drift --follow --kind drift    then each drift as it is told, until Ctrl-C
  shoal drift --json | jq '.open[].message'

Kinds are ${kindsOf('drift')},
${kindsOf('cluster')},
${kindsOf('command')};
drift, cluster and command stand for all of theirs.

--json prints one object on one line: name, input, modelsTopic; model (version, publishedAt, trainedEvents; null when
there is none); watch (windows, reference, and of the newest window each detector's statistic beside its threshold and
each feature's distance; null without a model); orders (frozenSince and asked: what commands have left); open (events of open drifts, with openWindows, returned, settled and the
distributions of the features that changed); counts by kind, told in all, and events: the newest --limit of them, oldest
first, with the fields of schemas/drift-event.avsc. Times are in ms since the epoch. With --follow each event that comes
is one more line. What each detector and kind means: docs/drift.md.`

/** Adds the command. */
export function addDrift(program: Command, context: CliContext): void {
  const command = withConfig(program.command('drift'))
    .description('show what has changed in the stream and in the clusters, and what is open now')
    .option('--since <time>', 'only what was told at this time or later, ISO 8601', instantMs)
    .option(
      '--kind <kind>',
      'only this kind; drift, cluster or command: all of theirs; may be repeated',
      collectKinds,
      [],
    )
    .option('--limit <n>', 'show at most so many, the newest', wholeNumber(1), 20)
    .option('--open', 'only drifts that are open')
    .option('--follow', 'then show what comes, until Ctrl-C')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((options: DriftOptions) => drift(context, options))
  addAnswers(command, context)
}

/** `sudden` is `drift.sudden`. */
function collectKinds(text: string, before: readonly string[]): readonly string[] {
  const kind = askedKinds.find((each) => each === text || each.endsWith(`.${text}`))
  if (kind === undefined) throw new InvalidArgumentError(`It must be one of ${askedKinds.join(', ')}.`)
  return [...before, kind]
}

async function drift(context: CliContext, options: DriftOptions): Promise<void> {
  const { since = 0, kind: kinds, limit, open = false, follow = false } = options
  const asked: Asked = { sinceMs: since, kinds, open, limit }
  const configuration = await context.loadConfiguration(options.config)
  const settings = context.settingsOf(configuration)
  await withOpen(context.openLog(configuration), (log) =>
    withOpen(context.openRegistry(configuration), async (registry) => {
      const read = context.reader('drift-event', registry)
      const topic = settings.topics.driftEvents
      const ranges = await existingRanges(log, topic)
      const told: ToldEvent[] = []
      for await (const batch of readUpTo(log, topic, ranges, context.signal))
        told.push(...(await eventsOf(batch, read)))
      const published = await withFollower(context, settings, log, (follower, over) => follower.upToDate(over))
      refuseWhenInterrupted(context, 'the events have not all been read')
      await show(context, settings, { published, told }, asked, options)
      if (!follow) return
      for await (const batch of readOn(log, topic, endsOf(ranges), context.signal)) {
        for (const event of await eventsOf(batch, read))
          if (isAsked(event, kinds)) await showOne(context, event, options)
      }
    }),
  )
}

/** Records of one partition, decoded; a tombstone is nothing. */
async function eventsOf({ batch, count }: Committed, read: ReturnType<CliContext['reader']>): Promise<ToldEvent[]> {
  const values = Array.from({ length: count }, (_, i) => valueAt(batch, i)).filter((value) => value !== null)
  return (await read(values)) as ToldEvent[]
}

async function show(
  { stdout, clock }: CliContext,
  { name, topics, plan }: ServiceSettings,
  found: { readonly published: PublishedModel | null; readonly told: readonly ToldEvent[] },
  asked: Asked,
  { json = false }: DriftOptions,
): Promise<void> {
  const known = { name, input: topics.input, modelsTopic: topics.models, plan, ...found }
  const report = driftReport(known, asked)
  await writeLine(stdout, json ? JSON.stringify(report) : driftText(report, clock.date()))
}

async function showOne({ stdout }: CliContext, event: ToldEvent, { json = false }: DriftOptions): Promise<void> {
  if (json) await writeLine(stdout, JSON.stringify(event))
  else for (const line of eventLines(event)) await writeLine(stdout, line)
}
