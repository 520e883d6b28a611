/** `shoal model list`: the versions that are kept. */
import type { Command } from 'commander'
import type { VersionView } from '../../runtime/views/version-view.ts'
import type { CliContext } from '../context.ts'
import { timeText } from '../drift/times.ts'
import { wholeNumber, withConfig } from '../options.ts'
import { type Column, grouped, headLine, percent, ratio, rowLine, writeLine } from '../output.ts'
import { withVersions } from './versions.ts'

interface ListOptions {
  readonly config?: string
  readonly limit: number
  readonly before?: number
  readonly json?: boolean
}

const mostListed = 200

const examples = `
Examples:
  shoal model list                     the newest versions that are kept
  shoal model list --before 1200       those before one
  shoal model list --json | jq '.versions[] | select(.pinned).version'

Versions are kept as models.keep says; a pinned one until it is unpinned, and the birth for ever. One is undone when a
rollback has led away from it. --json prints one object on one line: name, healthyVersion, and versions, newest first.`

/** Adds the command. */
export function addList(model: Command, context: CliContext): void {
  withConfig(model.command('list'))
    .description('list the versions that are kept, newest first')
    .option('--limit <n>', 'at most so many', wholeNumber(1, mostListed), 20)
    .option('--before <version>', 'only versions before this one', wholeNumber(1))
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((options: ListOptions) => list(context, options))
}

async function list(context: CliContext, { config, limit, before, json = false }: ListOptions): Promise<void> {
  await withVersions(context, config, async ({ settings: { name }, newest, list: listed }) => {
    const { version, control } = newest.scorer.model
    const versions = await listed(limit, before ?? version + 1)
    const { healthyVersion } = control
    if (json) return writeLine(context.stdout, JSON.stringify({ name, healthyVersion, versions }))
    const columns = columnsOf(version, healthyVersion)
    const lines = versions.map((view) => rowLine(columns, view))
    const last = versions.at(-1)
    const more = last !== undefined && versions.length === limit ? [`older ones: --before ${last.version}`] : []
    const none = versions.length === 0 ? ['No version before that is kept.'] : [headLine(columns)]
    return writeLine(
      context.stdout,
      [`${name}: version ${grouped(version)}`, '', ...none, ...lines, ...more].join('\n'),
    )
  })
}

function columnsOf(newest: number, healthy: number): readonly Column<VersionView>[] {
  return [
    { title: 'version', width: 11, align: 'right', text: ({ version }) => grouped(version) },
    { title: 'published', width: 20, align: 'left', text: ({ publishedAtMs }) => timeText(publishedAtMs) },
    { title: 'events', width: 13, align: 'right', text: ({ trainedEvents }) => grouped(trainedEvents) },
    { title: 'k', width: 4, align: 'right', text: ({ k }) => String(k) },
    { title: 'variance left', width: 13, align: 'right', text: ({ unexplained }) => percent(unexplained) },
    { title: 'silhouette', width: 10, align: 'right', text: ({ silhouette }) => ratio(silhouette, 3) },
    {
      title: 'anomalous',
      width: 9,
      align: 'right',
      text: ({ anomalyShare }) => (anomalyShare === null ? '–' : percent(anomalyShare)),
    },
    { title: '', width: 0, align: 'left', text: (view) => marksOf(view, newest, healthy).join(', ') },
  ]
}

function marksOf({ version, pinned, frozen, undone }: VersionView, newest: number, healthy: number): string[] {
  return [
    ...(version === 1 ? ['birth'] : []),
    ...(version === newest ? ['newest'] : []),
    ...(version === healthy ? ['healthy'] : []),
    ...(pinned ? ['pinned'] : []),
    ...(frozen ? ['frozen'] : []),
    ...(undone ? ['undone'] : []),
  ]
}
