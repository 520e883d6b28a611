/** `shoal status`: is it well? */
import type { Command } from 'commander'
import type { Status } from '../http/status.ts'
import { ShoalError } from '../runtime/errors.ts'
import { gravest, mayStandStill, sentenceText, statusSentence } from '../runtime/views/status-sentence.ts'
import { type CliContext, refuseWhenInterrupted } from './context.ts'
import { writeLine } from './output.ts'
import { type Watch, type WatchOptions, withWatch, withWatchOptions } from './watch/watch.ts'

interface StatusOptions extends WatchOptions {
  readonly json?: boolean
}

const examples = `
Examples:
  shoal status
  SHOAL_TOKEN=shoal_... shoal status --url http://localhost:9404
  shoal status --json | jq .lag.events

It ends with 1 when something is bad: a dependency that is away, a group that stands still or is a minute behind, a critical
drift. From the topics it takes two seconds, because a rate takes two looks, and twelve where nothing moves; it asks the
schema registry and Redis itself, where the configuration names them, and of the processes it knows only what they have
written. The API of a process says how that process is.`

/** After so long without a move a group stands still. */
const standsStillMs = 12_000
const everyMs = 1_000

/** Adds the command. */
export function addStatus(program: Command, context: CliContext): void {
  withWatchOptions(program.command('status'))
    .description('say in one sentence whether all is well')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((options: StatusOptions) => status(context, options))
}

async function status(context: CliContext, { json = false, ...options }: StatusOptions): Promise<void> {
  const found = await withWatch(context, options, (watch) => settled(context, watch))
  if (found === null) return refuseWhenInterrupted(context, 'nothing is known yet')
  const parts = statusSentence(found)
  await writeLine(context.stdout, json ? JSON.stringify({ ...found, sentence: parts }) : sentenceText(parts))
  const lines = [...found.reasons, ...found.notices, ...(options.url === undefined ? [fromTopics(found)] : [])]
  for (const line of json ? [] : lines) await writeLine(context.stdout, `  ${line}`)
  if (gravest(parts) !== 'bad') return
  const bad = parts.filter(({ gravity }) => gravity === 'bad')
  throw new ShoalError('status.bad', `all must be well: ${sentenceText(bad)}`)
}

/** Looks on while it cannot be told whether the group stands still. */
async function settled({ clock, signal }: CliContext, watch: Watch): ReturnType<Watch['status']> {
  const until = clock.now() + standsStillMs
  for (;;) {
    const found = await watch.status()
    if (!mayStandStill(found) || clock.now() > until || signal.aborted) return found
    await clock.sleep(everyMs, signal)
  }
}

/** What this is known from, and what is not known. */
function fromTopics({ dependencies }: Status): string {
  const answer = dependencies.filter(({ state }) => state === 'well').map(({ name }) => name)
  const others = dependencies.filter(({ state }) => state === 'unused').map(({ name }) => `${name} is not used`)
  const servers = [answer.length > 0 ? `${answer.join(', ')} answered here` : '', ...others]
  return `${servers.filter((part) => part !== '').join('; ')}. How each process is, only its API says: --url`
}
