/** `shoal model show`: one version, with its clusters in the user's units. */
import type { Command } from 'commander'
import type { ClusterView } from '../../runtime/views/cluster-view.ts'
import { type ModelView, modelView } from '../../runtime/views/model-view.ts'
import type { CliContext } from '../context.ts'
import { agoText, timeText } from '../drift/times.ts'
import { featureText } from '../feature-text.ts'
import { wholeNumber, withConfig } from '../options.ts'
import { type Column, grouped, headLine, percent, rowLine, writeLine } from '../output.ts'
import { qualityLines } from '../quality-text.ts'
import { withVersions } from './versions.ts'

interface ShowOptions {
  readonly config?: string
  readonly json?: boolean
}

const mostDeeds = 5

const examples = `
Examples:
  shoal model show                     the newest version
  shoal model show 1200                one that is kept
  shoal model show --json | jq '.clusters | sort_by(-.share) | .[0].centroid'

Of each cluster its share of the events, how wide it is, and the features in which it stands out most from all events:
what is typical of it beside what is typical of all. --json has every feature of every cluster: it is what the API
answers at /v1/model.`

/** Adds the command. */
export function addShow(model: Command, context: CliContext): void {
  withConfig(model.command('show'))
    .argument('[version]', 'a version that is kept (default: the newest)', wholeNumber(1))
    .description('show a version: its clusters in your units, its quality, what was ordered of it')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((version: number | undefined, options: ShowOptions) => show(context, version, options))
}

async function show(
  context: CliContext,
  version: number | undefined,
  { config, json = false }: ShowOptions,
): Promise<void> {
  await withVersions(context, config, async ({ settings, newest, read }) => {
    const published = version === undefined ? newest : (await read(version)).published
    const view = modelView(published, settings)
    return writeLine(context.stdout, json ? JSON.stringify(view) : textOf(view, context.clock.date()))
  })
}

function textOf(of: ModelView, nowMs: number): string {
  const { name, version, publishedAtMs, bornAtMs, trainedEvents, k, d, budget, anomalyShare, clusters } = of
  const columns = clusterColumns(of.features)
  const called = anomalyShare === null ? '' : `, and of the last ones ${percent(anomalyShare)} were`
  return [
    `${name}: version ${grouped(version)} of ${timeText(publishedAtMs)} (${agoText(publishedAtMs, nowMs)}), ${grouped(trainedEvents)} events learned since ${timeText(bornAtMs)}`,
    `${k} clusters in ${d} columns; ${percent(budget)} of the events may be called anomalous${called}`,
    ...orderLines(of),
    '',
    ...qualityLines(of.quality),
    '',
    headLine(columns),
    ...clusters.toSorted((a, b) => b.share - a.share).map((cluster) => rowLine(columns, cluster)),
  ].join('\n')
}

function orderLines({ warmingUp, frozen, asked, deeds, openDrifts }: ModelView): readonly string[] {
  return [
    ...(warmingUp ? ['It is still warming up: its scores are not to be relied on yet.'] : []),
    ...(frozen === null
      ? []
      : [`LEARNING STANDS STILL since version ${grouped(frozen.sinceVersion)}: shoal model resume lets it go on.`]),
    ...(openDrifts > 0 ? [`Drifts that are open: ${openDrifts}. shoal drift tells of them.`] : []),
    ...asked.map(({ kind, driftId }) => `Waits for your answer: ${kind}. shoal drift approve ${driftId}, or reject`),
    ...deeds.slice(0, mostDeeds).map(({ kind, version, by, reason, refused }) => {
      const outcome = refused === '' ? '' : `, refused: ${refused}`
      return `${kind} in version ${grouped(version)}, by ${by}: ${reason}${outcome}`
    }),
  ]
}

const clusterColumns = (features: ModelView['features']): readonly Column<ClusterView>[] => [
  { title: 'cluster', width: 7, align: 'right', text: ({ id }) => String(id) },
  { title: 'share', width: 7, align: 'right', text: ({ share }) => percent(share) },
  { title: 'spread', width: 7, align: 'right', text: ({ spread }) => spread.toPrecision(3) },
  { title: 'born in', width: 11, align: 'right', text: ({ bornVersion }) => grouped(bornVersion) },
  {
    title: 'stands out in (and all events)',
    width: 0,
    align: 'left',
    text: ({ standsOut }) => standsOut.map((of) => standingText(features, of)).join('; '),
  },
]

function standingText(
  features: ModelView['features'],
  { feature, value, whole, category }: ClusterView['standsOut'][number],
): string {
  if (category === null)
    return `${feature} ${featureText(features, feature, value)} (${featureText(features, feature, whole)})`
  return `${feature} ${category.name} ${percent(category.share)} (${percent(category.wholeShare)})`
}
