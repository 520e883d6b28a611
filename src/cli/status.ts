/** `shoal status`: is it well? */
import type { Command } from 'commander'
import { ShoalError } from '../runtime/errors.ts'
import { gravest, sentenceText, statusSentence } from '../runtime/views/status-sentence.ts'
import { type CliContext, refuseWhenInterrupted } from './context.ts'
import { writeLine } from './output.ts'
import { type WatchOptions, withWatch, withWatchOptions } from './watch/watch.ts'

interface StatusOptions extends WatchOptions {
  readonly json?: boolean
}

const examples = `
Examples:
  shoal status
  SHOAL_TOKEN=shoal_... shoal status --url http://localhost:9404
  shoal status --json | jq .lag.events

It ends with 1 when something is bad: a dependency that is away, a group that stands still or is a minute behind, a critical
drift. From the topics it takes two seconds, because a rate takes two looks, and knows of the processes only what they have
written; the API of a process says how that process is.`

/** Adds the command. */
export function addStatus(program: Command, context: CliContext): void {
  withWatchOptions(program.command('status'))
    .description('say in one sentence whether all is well')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((options: StatusOptions) => status(context, options))
}

async function status(context: CliContext, { json = false, ...options }: StatusOptions): Promise<void> {
  const found = await withWatch(context, options, (watch) => watch.status())
  if (found === null) return refuseWhenInterrupted(context, 'nothing is known yet')
  const parts = statusSentence(found)
  await writeLine(context.stdout, json ? JSON.stringify({ ...found, sentence: parts }) : sentenceText(parts))
  for (const line of json ? [] : [...found.reasons, ...found.notices]) await writeLine(context.stdout, `  ${line}`)
  if (gravest(parts) !== 'bad') return
  const bad = parts.filter(({ gravity }) => gravity === 'bad')
  throw new ShoalError('status.bad', `all must be well: ${sentenceText(bad)}`)
}
