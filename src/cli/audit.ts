/** `shoal audit`: who did what, and whether that is what was written. */
import { type Command, InvalidArgumentError } from 'commander'
import { newestAudit, verifyAudit } from '../runtime/audit/audit-reading.ts'
import { type AuditKind, auditKinds, type SeenRecord } from '../runtime/audit/audit-record.ts'
import type { VerificationReport } from '../runtime/audit/verification.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { EventLog } from '../runtime/ports.ts'
import { type AuditView, auditView } from '../runtime/views/audit-view.ts'
import { mustExist } from './committed.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from './context.ts'
import { timeText } from './drift/times.ts'
import { instantMs, wholeNumber, withConfig } from './options.ts'
import { type Column, grouped, headLine, rowLine, writeLine } from './output.ts'

interface AuditOptions {
  readonly config?: string
  readonly since?: number
  readonly kind: readonly AuditKind[]
  readonly limit: number
  readonly json?: boolean
}

interface VerifyOptions {
  readonly config?: string
  readonly head?: SeenRecord
  readonly json?: boolean
}

const examples = `
Examples:
  shoal audit
  shoal audit --kind access --since 2026-01-31

Commands are there twice: as they were given, and when the model came to them. shoal audit verify finds out whether it is all
as it was written.`

const verifyExamples = `
Examples:
  shoal audit verify
  shoal audit verify --head 4711:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

Each record has the hash of the one that its
writer wrote before it, and of those of others that it had read. So every one that was changed, removed or moved since is
found, but for the newest, which nobody has read: keep the offset and the hash that are printed elsewhere, and give them as
--head the next time.`

/** Adds the commands. */
export function addAudit(program: Command, context: CliContext): void {
  const audit = withConfig(program.command('audit'))
    .description('show who has ordered, configured or been refused what')
    .option('--since <time>', 'only records of this time or later, ISO 8601', instantMs)
    .option('--kind <kind>', `only ${auditKinds.join(', ')}; may be repeated`, collectKinds, [])
    .option('--limit <n>', 'show at most so many, the newest', wholeNumber(1, 10_000), 20)
    .option('--json', 'print JSON, a line each')
    .addHelpText('after', examples)
    .action((options: AuditOptions) => show(context, options))
  audit
    .command('verify')
    .description('check that no record was changed, removed or moved; exit code 1 when one was')
    .option(
      '--head <offset:hash>',
      'a record that was kept elsewhere, as verify prints it: it must still be there',
      headOf,
    )
    .addHelpText('after', verifyExamples)
    .action((_: unknown, command: Command) => verify(context, command.optsWithGlobals<VerifyOptions>()))
}

function collectKinds(text: string, before: readonly AuditKind[]): readonly AuditKind[] {
  const kind = auditKinds.find((each) => each === text)
  if (kind === undefined) throw new InvalidArgumentError(`It must be one of ${auditKinds.join(', ')}.`)
  return [...before, kind]
}

function headOf(text: string): SeenRecord {
  const [, offset, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (hash === undefined) throw new InvalidArgumentError('It must be an offset, a colon and 64 hex digits.')
  return { offset: Number(offset), hash: Uint8Array.from(Buffer.from(hash, 'hex')) }
}

/** Opens the topic of the audit and works on it. */
async function withAudit<R>(
  context: CliContext,
  file: string | undefined,
  work: (log: EventLog, topic: string) => Promise<R>,
): Promise<R> {
  const configuration = await context.loadConfiguration(file)
  const topic = context.settingsOf(configuration).topics.audit
  return withOpen(context.openLog(configuration), async (log) => {
    await mustExist(log, topic)
    return work(log, topic)
  })
}

async function show(context: CliContext, options: AuditOptions): Promise<void> {
  const { since: sinceMs = Number.NEGATIVE_INFINITY, kind: kinds, limit, json = false } = options
  const { stdout, signal } = context
  const records = await withAudit(context, options.config, (log, topic) =>
    newestAudit(log, topic, { limit, sinceMs, kinds }, signal),
  )
  refuseWhenInterrupted(context, 'the audit has not all been read')
  const views = records.map(auditView)
  if (!json) await writeLine(stdout, views.length === 0 ? 'Nothing is in the audit.' : headLine(columns))
  for (const view of views) await writeLine(stdout, json ? JSON.stringify(view) : rowLine(columns, view))
}

const columns: readonly Column<AuditView>[] = [
  { title: 'when', width: 20, align: 'left', text: ({ atMs }) => timeText(atMs) },
  { title: 'kind', width: 13, align: 'left', text: ({ kind }) => kind },
  { title: 'what', width: 16, align: 'left', text: ({ what }) => what },
  { title: 'outcome', width: 8, align: 'left', text: ({ outcome }) => outcome },
  { title: 'version', width: 9, align: 'right', text: ({ version }) => (version === 0 ? '' : grouped(version)) },
  { title: 'by', width: 12, align: 'left', text: ({ by }) => by },
  { title: 'why', width: 0, align: 'left', text: why },
]

function why({ reason, facts, differs, kind }: AuditView): string {
  const { refused, address, refusals } = facts
  const parts = [
    reason,
    refused === undefined ? '' : `refused: ${refused}`,
    address === undefined ? '' : `from ${address}`,
    refusals === undefined ? '' : `${refusals} refusals`,
    kind === 'configuration' ? `differs in ${differs.join(', ')}` : '',
  ]
  return parts.filter((part) => part !== '').join('; ')
}

async function verify(context: CliContext, { config, head, json = false }: VerifyOptions): Promise<void> {
  const { stdout, signal } = context
  const report = await withAudit(context, config, (log, topic) => verifyAudit(log, topic, head ?? null, signal))
  if (report === null) return refuseWhenInterrupted(context, 'the audit has not all been read')
  const told = { ...report, head: report.head === null ? null : headText(report.head) }
  for (const line of json ? [JSON.stringify(told)] : linesOf(report)) await writeLine(stdout, line)
  const broken = report.findings.length + report.more
  if (broken > 0)
    throw new ShoalError('audit.broken', `the audit must be as it was written: ${report.findings[0].problem}`)
}

function linesOf({ records, writers, start, findings, more, head }: VerificationReport): readonly string[] {
  const deleted = start > 0 ? `, from offset ${grouped(start)} on: those before it are deleted` : ''
  return [
    `${grouped(records)} records of ${grouped(writers)} writers${deleted}.`,
    ...findings.map(({ problem }) => `BROKEN: ${problem}`),
    ...(more > 0 ? [`and ${grouped(more)} more.`] : []),
    ...(findings.length > 0 ? [] : ['Each is as it was written.']),
    ...(head === null ? [] : [`The newest, to be kept elsewhere: ${headText(head)}`]),
  ]
}

function headText({ offset, hash }: SeenRecord): string {
  return `${offset}:${Buffer.from(hash).toString('hex')}`
}
