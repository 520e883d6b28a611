/** `shoal compare`: what two deployments say of the same events. */
import type { Command } from 'commander'
import { ShoalError } from '../runtime/errors.ts'
import type { EventLog } from '../runtime/ports.ts'
import type { Primaries } from '../runtime/primary/primaries.ts'
import { behindInAll, type Standing, standings } from '../runtime/primary/standing.ts'
import type { ServiceSettings } from '../runtime/service.ts'
import { versionFacts } from '../runtime/views/version-view.ts'
import { compare, type Pair } from './compare/comparison.ts'
import { type Compared, comparisonText } from './compare/comparison-text.ts'
import { type ReadOptions, saidOf } from './compare/outputs.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from './context.ts'
import { withFollower, withPrimaries } from './following.ts'
import { wholeNumber } from './options.ts'
import { writeLine } from './output.ts'

interface CompareOptions {
  readonly events: number
  readonly top: number
  readonly json?: boolean
}

const examples = `
Examples:
  shoal compare blue.yaml green.yaml
  shoal compare blue.yaml green.yaml --events 1e6 --top 50
  shoal compare blue.yaml green.yaml --json | jq .anomalous

The newest events that both have dealt with since the last hand-over of their partition, joined by partition and offset: of
the primary what consumers read, of the other what it wrote beside that. Ids of clusters have nothing to do with one another; the
adjusted Rand index compares the groups.`

/** Adds the command. */
export function addCompare(program: Command, context: CliContext): void {
  program
    .command('compare')
    .argument('<first>', 'configuration file of a deployment')
    .argument('<second>', 'of another one that stands beside it')
    .description('compare two deployments on the same events: clusters, anomalies, quality')
    .option('--events <n>', 'how many of the newest, over all partitions', wholeNumber(1, 10_000_000), 100_000)
    .option('--top <n>', 'how many events are named that only one calls anomalous, of each', wholeNumber(0, 1000), 10)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((first: string, second: string, options: CompareOptions) => compared(context, [first, second], options))
}

async function compared(
  context: CliContext,
  files: readonly [string, string],
  { events, top, json = false }: CompareOptions,
): Promise<void> {
  const configuration = await context.loadConfiguration(files[0])
  const [first, second] = [configuration, await context.loadConfiguration(files[1])].map(context.settingsOf)
  refuseStrangers(first, second)
  await withOpen(context.openLog(configuration), (log) =>
    withOpen(context.openRegistry(configuration), async (registry) => {
      const found = await withPrimaries(context, first, log, context.signal, async (primaries) => {
        await primaries.upToDate(context.signal)
        const both = [await standingsOf(log, first, primaries), await standingsOf(log, second, primaries)]
        const facts = await Promise.all([factsOf(context, log, first, both[0]), factsOf(context, log, second, both[1])])
        const reading = { log, registry, signal: context.signal }
        const pairs: Pair[] = []
        const each = Math.ceil(events / Math.max(1, both[0].length))
        for (const [i, { partition }] of both[0].entries()) {
          const to = Math.min(both[0][i].position, both[1][i]?.position ?? 0)
          const from = Math.max(both[0][i].fromOffset, to - each)
          if (to <= from || context.signal.aborted) continue
          const of = (settings: ServiceSettings) => pairOf(reading, settings, primaries, partition, [from, to])
          pairs.push({ partition, first: await of(first), second: await of(second) })
        }
        return { facts, comparison: compare(pairs, top) }
      })
      refuseWhenInterrupted(context, 'not all has been read')
      const { facts, comparison } = found
      const text = json ? JSON.stringify({ deployments: facts, ...comparison }) : comparisonText(facts, comparison)
      await writeLine(context.stdout, text)
    }),
  )
}

function refuseStrangers(first: ServiceSettings, second: ServiceSettings): void {
  const same = (['input', 'primary', 'assignments'] as const).find(
    (topic) => first.topics[topic] !== second.topics[topic],
  )
  if (same === undefined && first.name !== second.name) return
  const rule = 'two deployments must stand beside one another, which shadow.of says'
  const why =
    same === undefined
      ? `both are ${first.name}`
      : `the topics of ${same} are ${first.topics[same]} and ${second.topics[same]}`
  throw new ShoalError('usage.invalid', `${rule}: ${why}`)
}

function standingsOf(
  log: EventLog,
  { name, topics }: ServiceSettings,
  primaries: Primaries,
): Promise<readonly Standing[]> {
  return standings({ log, name, input: topics.input, primaries })
}

async function pairOf(
  reading: ReadOptions,
  { name, topics }: ServiceSettings,
  primaries: Primaries,
  partition: number,
  range: readonly [number, number],
): Promise<Pair['first']> {
  const written = primaries.of(partition).deployment === name ? topics : topics.shadow
  if (written === null) {
    throw new ShoalError('usage.invalid', `${name} must write what it says as a shadow: shadow.outputs is false`)
  }
  return {
    assignments: await saidOf(reading, { topic: written.assignments, partition }, range),
    anomalies: await saidOf(reading, { topic: written.anomalies, partition }, range),
  }
}

async function factsOf(
  context: CliContext,
  log: EventLog,
  settings: ServiceSettings,
  found: readonly Standing[],
): Promise<Compared> {
  const published = await withFollower(context, settings, log, (follower, over) => follower.upToDate(over))
  refuseWhenInterrupted(context, 'nothing has been compared')
  const { name } = settings
  if (published === null) throw new ShoalError('model.missing', `there must be a model of ${name}`)
  const { version, trainedEvents, k, unexplained, silhouette } = versionFacts(published)
  const partitions = found.filter(({ primary }) => primary === name).length
  const { budget } = published.scorer.model.control
  return { name, partitions, behind: behindInAll(found), version, trainedEvents, k, unexplained, silhouette, budget }
}
