/** `shoal top`: what happens, redrawn every second. */
import type { Command } from 'commander'
import { sentenceText, statusSentence } from '../runtime/views/status-sentence.ts'
import { type CliContext, refuseWhenInterrupted } from './context.ts'
import { wholeNumber } from './options.ts'
import { writeLine } from './output.ts'
import { type Moment, mostAnomalies, screenLines, type Trail } from './top/screen.ts'
import { type Watch, type WatchOptions, withWatch, withWatchOptions } from './watch/watch.ts'

interface TopOptions extends WatchOptions {
  readonly count?: number
  readonly json?: boolean
}

const examples = `
Examples:
  shoal top
  SHOAL_TOKEN=shoal_... shoal top --url http://localhost:9404
  shoal top --json --count 60 > minute.jsonl

Throughput, lag, clusters with their shares and what stands out in them, the last anomalies and open drifts. Ctrl-C ends it.
Where no terminal reads it, it is one sentence a second.`

const everyMs = 1_000
const mostTrail = 300
const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'

/** Adds the command. */
export function addTop(program: Command, context: CliContext): void {
  withWatchOptions(program.command('top'))
    .description('show what happens, every second')
    .option('--count <n>', 'stop after so many seconds', wholeNumber(1))
    .option('--json', 'print one JSON object a second')
    .addHelpText('after', examples)
    .action((options: TopOptions) => top(context, options))
}

type Draw = (moment: Moment, trail: Trail) => Promise<void>

async function top(context: CliContext, { count = Number.POSITIVE_INFINITY, json = false, ...options }: TopOptions) {
  const { stdout, environment } = context
  const terminal = stdout as NodeJS.WritableStream & {
    readonly isTTY?: boolean
    readonly columns?: number
    readonly rows?: number
  }
  const isDrawn = !json && terminal.isTTY === true
  let shown = 0
  const draw: Draw = async (moment, trail) => {
    const isFirst = shown++ === 0
    if (json) return writeLine(stdout, JSON.stringify(moment))
    if (!isDrawn) return writeLine(stdout, sentenceText(statusSentence(moment.status)))
    const { columns = 80, rows = 24 } = terminal
    const paper = { width: columns, height: rows - 1, colours: environment.NO_COLOR === undefined }
    const lines = screenLines(moment, trail, paper)
    stdout.write(`${isFirst ? enter : ''}\u001b[H${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`)
  }
  try {
    await withWatch(context, options, (watch) => everySecond(context, watch, count, draw))
  } catch (error) {
    // What was being asked when it was interrupted is nobody's concern.
    if (!context.signal.aborted || shown === 0) throw error
  } finally {
    if (isDrawn && shown > 0) stdout.write(leave)
  }
  if (shown === 0) refuseWhenInterrupted(context, 'nothing has been shown')
}

/** Draws until it is interrupted, which is how it is meant to end. */
async function everySecond({ clock, signal }: CliContext, watch: Watch, count: number, draw: Draw): Promise<void> {
  const trail = { eventsPerSecond: [] as (number | null)[], lagSeconds: [] as (number | null)[] }
  for (let shown = 1; shown <= count && !signal.aborted; shown++) {
    const startedMs = clock.now()
    const [status, { features, clusters }, anomalies, drifts] = await Promise.all([
      watch.status(),
      watch.clusters(),
      watch.anomalies(mostAnomalies),
      watch.drifts(),
    ])
    if (signal.aborted) break
    trail.eventsPerSecond = [...trail.eventsPerSecond, status.throughput.eventsPerSecond].slice(-mostTrail)
    trail.lagSeconds = [...trail.lagSeconds, status.lag.seconds].slice(-mostTrail)
    await draw({ status, features, clusters, anomalies, drifts }, trail)
    if (shown < count) await clock.sleep(Math.max(0, startedMs + everyMs - clock.now()), signal)
  }
}
