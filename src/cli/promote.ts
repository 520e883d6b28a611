/** `shoal promote`: lets this deployment write the outputs, in the place of the one that it stands beside. */
import type { Command } from 'commander'
import { auditOf } from '../runtime/audit/audit-of.ts'
import { ShoalError } from '../runtime/errors.ts'
import { type Promoting, promote, readiness } from '../runtime/primary/promoting.ts'
import { behindInAll, type Standing } from '../runtime/primary/standing.ts'
import type { ServiceSettings } from '../runtime/service.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from './context.ts'
import { withFollower, withPrimaries } from './following.ts'
import { giverOf, withGiverOptions } from './giving.ts'
import { wholeNumber, withConfig } from './options.ts'
import { type Column, grouped, headLine, rowLine, writeLine } from './output.ts'

interface PromoteOptions {
  readonly config?: string
  readonly reason?: string
  readonly by?: string
  readonly wait: number
  readonly maxBehind: number
  readonly check?: boolean
  readonly force?: boolean
  readonly json?: boolean
}

const examples = `
Examples:
  shoal promote --config green.yaml --check
  shoal promote --config green.yaml --reason 'ten features instead of six, compared for a week'
  shoal promote --config blue.yaml --reason 'green calls too little anomalous'

The configuration says which deployment is promoted; the second is how one goes back. Every partition is handed over by the
process that writes its outputs, at an offset: each event has its outputs once, in order, over both deployments. One that
does not run, is far behind or whose model is young is refused. --force promotes it all the same, and takes the partitions
of a deployment that has no process left.`

/** Adds the command. */
export function addPromote(program: Command, context: CliContext): void {
  withGiverOptions(
    withConfig(program.command('promote'))
      .option('--reason <text>', 'why: it is told with what is done, and kept')
      .option('--check', 'only say how it stands, and whether it is ready')
      .option('--max-behind <n>', 'offsets that it may be behind, over all partitions', wholeNumber(0), 10_000)
      .option('--force', 'whether or not it is ready, and though the other one is gone'),
  )
    .description('let this deployment write the outputs, in the place of the one that it shadows')
    .addHelpText('after', examples)
    .action((options: PromoteOptions) => promoted(context, options))
}

async function promoted(context: CliContext, options: PromoteOptions): Promise<void> {
  const { check = false, force = false, maxBehind: mostBehind, reason = '' } = options
  const configuration = await context.loadConfiguration(options.config)
  const settings = context.settingsOf(configuration)
  const giver = check ? null : giverOf(context, { ...options, reason })
  await withOpen(context.openLog(configuration), (log) =>
    withOpen(context.openRegistry(configuration), async (registry) => {
      const { schema, clock, telemetry } = context
      const parts = { log, registry, schema, clock, telemetry }
      const audit = auditOf(settings, parts, 'command line')
      await withFollower(context, settings, log, (follower, over) =>
        withPrimaries(context, settings, log, over, async (primaries) => {
          const promoting: Promoting = { ...parts, settings, follower, primaries, audit }
          if (giver === null) return tellReadiness(context, options, await readiness(promoting, { mostBehind }, over))
          const found = await promote(promoting, giver, { mostBehind, isForced: force }, over)
          await tell(context, settings, found, options)
        }),
      )
      refuseWhenInterrupted(context, 'what was written to the log will be done')
    }),
  )
}

async function tellReadiness(
  { stdout }: CliContext,
  { json = false }: PromoteOptions,
  ready: Awaited<ReturnType<typeof readiness>>,
): Promise<void> {
  if (ready === null) return
  const { found, refusals } = ready
  if (json) await writeLine(stdout, JSON.stringify({ ready: refusals.length === 0, refusals, partitions: found }))
  else await writeStandings(stdout, found)
  if (refusals.length > 0) throw new ShoalError('promotion.refused', refusals.join('; '))
  if (!json) await writeLine(stdout, 'ready to be promoted')
}

async function tell(
  { stdout }: CliContext,
  { name }: ServiceSettings,
  found: readonly Standing[] | null,
  { json = false }: PromoteOptions,
): Promise<void> {
  if (found === null) return
  const handedOver = found.filter(({ primary }) => primary === name).length
  if (json) return writeLine(stdout, JSON.stringify({ name, handedOver, partitions: found }))
  await writeStandings(stdout, found)
  const left = found.length - handedOver
  const rest = `${grouped(behindInAll(found))} offsets to go until they are its own`
  if (left === 0)
    await writeLine(stdout, `${name} has all ${handedOver} partitions${behindInAll(found) > 0 ? `, ${rest}` : ''}`)
  else
    await writeLine(
      stdout,
      `${left} of ${found.length} partitions are not handed over yet: those who have them will do it`,
    )
}

const columns: readonly Column<Standing>[] = [
  { title: 'partition', width: 9, align: 'right', text: ({ partition }) => String(partition) },
  { title: 'primary', width: 24, align: 'left', text: ({ primary }) => primary },
  { title: 'from offset', width: 14, align: 'right', text: ({ fromOffset }) => grouped(fromOffset) },
  { title: 'this one at', width: 14, align: 'right', text: ({ position }) => grouped(position) },
  { title: 'behind', width: 10, align: 'right', text: ({ behind }) => grouped(behind) },
]

async function writeStandings(stdout: NodeJS.WritableStream, found: readonly Standing[]): Promise<void> {
  await writeLine(stdout, headLine(columns))
  for (const standing of found) await writeLine(stdout, rowLine(columns, standing))
}
