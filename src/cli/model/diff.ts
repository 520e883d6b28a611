/** `shoal model diff`: what two versions do not have in common. */
import type { Command } from 'commander'
import { type DiffView, diffView } from '../../runtime/views/diff-view.ts'
import { featureViews, type ModelView } from '../../runtime/views/model-view.ts'
import type { CliContext } from '../context.ts'
import { timeText } from '../drift/times.ts'
import { featureText } from '../feature-text.ts'
import { wholeNumber, withConfig } from '../options.ts'
import { type Column, grouped, headLine, percent, rowLine, writeLine } from '../output.ts'
import { withVersions } from './versions.ts'

interface DiffOptions {
  readonly config?: string
  readonly json?: boolean
}

const examples = `
Examples:
  shoal model diff 1200                from that version to the newest
  shoal model diff 1 1200              what has become of the birth
  shoal model diff 1200 --json | jq '.clusters[0]'

Clusters that only one of them has, and how far the others have moved, in spreads: the units of an assignment's distance.
--json is what the API answers at /v1/versions/1200/diff/1300.`

/** Adds the command. */
export function addDiff(model: Command, context: CliContext): void {
  withConfig(model.command('diff'))
    .argument('<from>', 'a version that is kept', wholeNumber(1))
    .argument('[to]', 'another one (default: the newest)', wholeNumber(1))
    .description('compare two versions: clusters that came, went and moved')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((from: number, to: number | undefined, options: DiffOptions) => diff(context, from, to, options))
}

async function diff(
  context: CliContext,
  from: number,
  to: number | undefined,
  { config, json = false }: DiffOptions,
): Promise<void> {
  await withVersions(context, config, async ({ settings: { name, plan }, newest, read }) => {
    const [one, other] = [await read(from), await read(to ?? newest.scorer.version)]
    const told = [one, other].map(({ published, view }) => ({ model: published.scorer.model, view }))
    const view = diffView(told[0], told[1], plan)
    return writeLine(context.stdout, json ? JSON.stringify(view) : textOf(name, view, columnsOf(featureViews(plan))))
  })
}

type Moved = DiffView['clusters'][number]

function textOf(name: string, { from, to, born, died, clusters }: DiffView, columns: readonly Column<Moved>[]): string {
  const end = ({ version, publishedAtMs }: DiffView['from']) => `${grouped(version)} (${timeText(publishedAtMs)})`
  const learned = to.trainedEvents - from.trainedEvents
  const ids = (of: readonly number[]) => (of.length === 0 ? 'none' : of.join(', '))
  return [
    `${name}: from version ${end(from)} to ${end(to)}, ${grouped(Math.abs(learned))} ${learned < 0 ? 'fewer' : 'more'} events learned`,
    `clusters that came: ${ids(born)}; that went: ${ids(died)}`,
    `variance left ${percent(from.unexplained)} → ${percent(to.unexplained)}`,
    '',
    headLine(columns),
    ...clusters.map((cluster) => rowLine(columns, cluster)),
  ].join('\n')
}

const columnsOf = (kinds: ModelView['features']): readonly Column<Moved>[] => [
  { title: 'cluster', width: 7, align: 'right', text: ({ id }) => String(id) },
  { title: 'moved', width: 7, align: 'right', text: ({ moved }) => moved.toPrecision(3) },
  { title: 'share', width: 7, align: 'right', text: ({ shareBefore }) => percent(shareBefore) },
  { title: '', width: 9, align: 'left', text: ({ shareAfter }) => `→ ${percent(shareAfter)}` },
  {
    title: 'most in',
    width: 0,
    align: 'left',
    text: ({ features }) => features.map((of) => movedText(kinds, of)).join('; '),
  },
]

function movedText(kinds: ModelView['features'], { feature, before, after }: Moved['features'][number]): string {
  return `${feature} ${featureText(kinds, feature, before)} → ${featureText(kinds, feature, after)}`
}
