/** `shoal topics`: the topics that Shoal works with, what they are and what they must be. */
import type { Command } from 'commander'
import { ShoalError } from '../runtime/errors.ts'
import type { EventLog, TopicSpec } from '../runtime/ports.ts'
import { prepareTopics, topicSpecs } from '../runtime/topics.ts'
import { type CliContext, withOpen } from './context.ts'
import { withConfig } from './options.ts'
import { type Column, headLine, rowLine, writeLine } from './output.ts'

interface TopicsOptions {
  readonly config?: string
  readonly create?: boolean
  readonly verify?: boolean
  readonly json?: boolean
}

interface TopicReport {
  readonly topic: string
  readonly owner: TopicSpec['owner']
  readonly cleanup: TopicSpec['cleanup']
  /** Null: the broker's default. */
  readonly retentionMs: number | null
  /** What it must have; null: any number. */
  readonly partitions: number | null
  readonly state: 'ok' | 'missing' | 'unfit'
  /** What is wrong, in words. */
  readonly problem: string | null
}

const examples = `
Examples:
  shoal topics                 what there is, and what is missing
  shoal topics --create        create what is missing, the input excepted
  shoal topics --verify        fail (exit code 1) unless all is as it must be: for a deployment's checks`

/** Adds the command. */
export function addTopics(program: Command, context: CliContext): void {
  withConfig(program.command('topics'))
    .description('list the topics that Shoal works with, create or verify them')
    .option('--create', 'create what is missing; the input topic is yours and never created')
    .option('--verify', 'fail when a topic is missing or unfit')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((options: TopicsOptions) => topics(context, options))
}

async function topics(context: CliContext, options: TopicsOptions): Promise<void> {
  const configuration = await context.loadConfiguration(options.config)
  const { topics: names, topicPolicy, shadow } = context.settingsOf(configuration)
  await withOpen(context.openLog(configuration), async (log) => {
    const isShadow = shadow.of !== null
    if (options.create) await prepareTopics(log, names, { ...topicPolicy, create: true }, isShadow)
    const { all } = await topicSpecs(log, names, topicPolicy, isShadow)
    const reports: TopicReport[] = []
    for (const spec of all) reports.push(await reportOf(log, spec))
    await print(context, reports, options.json ?? false)
    const wrong = reports.filter((report) => report.state !== 'ok')
    if (options.verify && wrong.length > 0) {
      const code = wrong.some((report) => report.state === 'missing') ? 'topics.missing' : 'topics.unfit'
      throw new ShoalError(code, `${reports.length} topics must be there and fit: ${wrong.length} are not`)
    }
  })
}

async function reportOf(log: EventLog, spec: TopicSpec): Promise<TopicReport> {
  const { topic, owner, cleanup, partitions, retentionMs = null } = spec
  const wanted = { topic, owner, cleanup, partitions, retentionMs }
  if ((await log.describe(topic)) === null) return { ...wanted, state: 'missing', problem: 'there is no such topic' }
  try {
    await log.prepare([spec], false)
    return { ...wanted, state: 'ok', problem: null }
  } catch (error) {
    if (!(error instanceof ShoalError) || !error.code.startsWith('topics.')) throw error
    return { ...wanted, state: 'unfit', problem: error.message }
  }
}

const columns: readonly Column<TopicReport>[] = [
  { title: 'topic', width: 32, align: 'left', text: (of) => of.topic },
  { title: 'partitions', width: 10, align: 'right', text: (of) => String(of.partitions ?? 'yours') },
  { title: 'policy', width: 7, align: 'left', text: (of) => (of.owner === 'user' ? 'yours' : of.cleanup) },
  { title: 'retention', width: 13, align: 'right', text: retentionText },
  { title: 'state', width: 7, align: 'left', text: (of) => of.state },
  { title: '', width: 0, align: 'left', text: (of) => (of.state === 'unfit' ? (of.problem ?? '') : '') },
]

function retentionText({ owner, cleanup, retentionMs }: TopicReport): string {
  if (owner === 'user') return 'yours'
  if (cleanup === 'compact') return 'newest by key'
  return retentionMs === null ? "the broker's" : `${(retentionMs / 3_600_000).toFixed(1)} h`
}

async function print(context: CliContext, reports: readonly TopicReport[], json: boolean): Promise<void> {
  if (json) {
    await writeLine(context.stdout, JSON.stringify(reports, null, 2))
    return
  }
  await writeLine(context.stdout, headLine(columns))
  for (const report of reports) await writeLine(context.stdout, rowLine(columns, report))
}
