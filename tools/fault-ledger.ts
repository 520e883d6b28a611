/** What the fault suite did and counted: written by each of its scenarios, printed at the end of a run. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Table from 'cli-table3'
import { z } from 'zod'

const counts = z.object({
  /** Events whose outcome was judged. */
  events: z.number(),
  duplicates: z.number(),
  losses: z.number(),
  orderBreaks: z.number(),
  /** Outcomes of the right event with a wrong content. */
  wrong: z.number(),
})

const injection = z.object({
  fault: z.string(),
  /** Until events that were written after the fault had their outcomes, in every partition, and were learned from. */
  recoverySeconds: z.number(),
  /** Whether others took over from a process that was dead, or from one that left in order. */
  succession: z.enum(['takeover', 'handover']).nullable(),
  counts,
})

const chapter = z.object({
  scenario: z.string(),
  kafka: z.string(),
  sessionTimeoutSeconds: z.number(),
  peakMegabytes: z.number(),
  /** Of the long-lived process that grew most. */
  growth: z.object({ process: z.string(), lifeSeconds: z.number(), megabytes: z.number() }).nullable(),
  versionsCompared: z.number(),
  injections: z.array(injection),
})

export type Succession = z.infer<typeof injection>['succession']
export type Counts = z.infer<typeof counts>
export type Injection = z.infer<typeof injection>
export type Chapter = z.infer<typeof chapter>

/** The variable that names the folder for chapters. */
export const ledgerVariable = 'SHOAL_TEST_LEDGER'
const takeoverGraceSeconds = 2
/** No line between rows. */
const plain = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }

export async function writeChapter(folder: string, written: Chapter): Promise<void> {
  const name = `${written.scenario.replaceAll(/[^a-z0-9]+/gi, '-')}.json`
  await writeFile(join(folder, name), JSON.stringify(written))
}

export async function readChapters(folder: string): Promise<readonly Chapter[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.map((text) => chapter.parse(JSON.parse(text)))
}

interface Row extends Counts {
  readonly times: number
  readonly longestSeconds: number
}

interface Times {
  readonly times: number
  readonly longestSeconds: number
  readonly medianSeconds: number
}

export interface Summary {
  readonly total: Row
  readonly byFault: Readonly<Record<string, Row>>
  /** From the dead; the limit is the session timeout and a grace. */
  readonly takeovers: Times & { readonly limitSeconds: number }
  /** From those that left in order. */
  readonly handovers: Times
  readonly longest: string
  readonly peakMegabytes: number
  readonly growth: Chapter['growth']
  readonly versionsCompared: number
}

export function summarise(chapters: readonly Chapter[]): Summary {
  const injections = chapters.flatMap((each) => each.injections)
  const kinds = Map.groupBy(injections, ({ fault }) => fault)
  const longest = injections.toSorted((a, b) => b.recoverySeconds - a.recoverySeconds)[0]
  const grown = chapters
    .flatMap(({ growth }) => (growth === null ? [] : [growth]))
    .sort((a, b) => b.megabytes - a.megabytes)
  const session = Math.max(...chapters.map(({ sessionTimeoutSeconds }) => sessionTimeoutSeconds))
  return {
    total: rowOf(injections),
    byFault: Object.fromEntries([...kinds].map(([fault, ours]) => [fault, rowOf(ours)])),
    takeovers: { ...timesOf(injections, 'takeover'), limitSeconds: session + takeoverGraceSeconds },
    handovers: timesOf(injections, 'handover'),
    longest: longest?.fault ?? 'none',
    peakMegabytes: Math.max(...chapters.map(({ peakMegabytes }) => peakMegabytes)),
    growth: grown[0] ?? null,
    versionsCompared: chapters.reduce((sum, { versionsCompared }) => sum + versionsCompared, 0),
  }
}

function timesOf(injections: readonly Injection[], wanted: Succession): Times {
  const seconds = injections
    .filter(({ succession }) => succession === wanted)
    .map(({ recoverySeconds }) => recoverySeconds)
    .sort((a, b) => a - b)
  const times = seconds.length
  return { times, longestSeconds: seconds.at(-1) ?? 0, medianSeconds: seconds[Math.floor(times / 2)] ?? 0 }
}

function rowOf(injections: readonly Injection[]): Row {
  const sum = (pick: (of: Counts) => number) => injections.reduce((total, each) => total + pick(each.counts), 0)
  return {
    times: injections.length,
    events: sum(({ events }) => events),
    duplicates: sum(({ duplicates }) => duplicates),
    losses: sum(({ losses }) => losses),
    orderBreaks: sum(({ orderBreaks }) => orderBreaks),
    wrong: sum(({ wrong }) => wrong),
    longestSeconds: Math.max(0, ...injections.map(({ recoverySeconds }) => recoverySeconds)),
  }
}

export function ledgerText(chapters: readonly Chapter[]): string {
  const { total, byFault, takeovers, handovers, longest, peakMegabytes, growth, versionsCompared } = summarise(chapters)
  const head = ['fault', 'times', 'events', 'duplicates', 'losses', 'order breaks', 'wrong', 'longest recovery']
  const right = 'right' as const
  const table = new Table({
    head,
    style: { head: [], border: [] },
    chars: plain,
    colAligns: ['left', ...head.slice(1).map(() => right)],
  })
  for (const [fault, row] of Object.entries(byFault)) table.push(cellsOf(fault, row))
  table.push(cellsOf('all', total))
  const lines = [
    table.toString(),
    `longest recovery: ${total.longestSeconds.toFixed(1)} s (${longest})`,
    `published versions that equal the fold of their updates, bit for bit: ${versionsCompared}`,
    `largest process: ${peakMegabytes} MB; ${growthText(growth)}`,
  ]
  if (takeovers.times > 0) {
    const verdict = takeovers.longestSeconds <= takeovers.limitSeconds ? 'within' : 'BEYOND'
    const limit = `session timeout + ${takeoverGraceSeconds} s = ${takeovers.limitSeconds.toFixed(1)} s`
    lines.push(`takeover from a dead process: ${timesText(takeovers)}, ${verdict} ${limit}`)
  }
  if (handovers.times > 0) lines.push(`handover by a process that leaves in order: ${timesText(handovers)}`)
  return lines.join('\n')
}

function cellsOf(name: string, row: Row): (string | number)[] {
  const { times, events, duplicates, losses, orderBreaks, wrong, longestSeconds } = row
  return [name, times, events, duplicates, losses, orderBreaks, wrong, `${longestSeconds.toFixed(1)} s`]
}

function timesText({ times, longestSeconds, medianSeconds }: Times): string {
  return `${times} times, half within ${medianSeconds.toFixed(1)} s, at most ${longestSeconds.toFixed(1)} s`
}

function growthText(growth: Chapter['growth']): string {
  if (growth === null) return 'none lived long enough to tell whether it grows'
  return `of the long-lived, the one that grew most: by ${growth.megabytes} MB in ${growth.lifeSeconds} s`
}
