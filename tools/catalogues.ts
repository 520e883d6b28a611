/** The pages of docs/ that say what the catalogues in the code say. */
import { processRegistry } from '../src/adapters/telemetry/process-metrics.ts'
import { invalidReasons, reasonMeaning } from '../src/core/fields/invalid.ts'
import { errorCatalogue } from '../src/runtime/errors.ts'
import { metrics } from '../src/runtime/metrics.ts'

const origin = (file: string) => `<!-- Written by \`npm run docs\` from ${file}. -->`

export function errorsPage(): string {
  const errors = Object.entries(errorCatalogue).map(([code, { retriable, meaning, remedy }]) =>
    row(`\`${code}\``, retriable ? 'yes' : 'no', meaning, remedy),
  )
  const reasons = invalidReasons
    .filter((reason) => reason !== 'valid')
    .map((reason) => row(`\`${reason}\``, reasonMeaning[reason]))
  return [
    '# Errors',
    '',
    origin('src/runtime/errors.ts and src/core/fields/invalid.ts'),
    '',
    'Every error carries one of these codes, in the log, in `shoal_restarts_total` and in what a command prints. After a',
    'retriable one Shoal tries again by itself, with growing pauses; after any other the process ends.',
    '',
    row('code', 'retriable', 'what it means', 'what to do'),
    row('---', '---', '---', '---'),
    ...errors,
    '',
    '## Dead letters',
    '',
    'An event that cannot be scored goes to the dead-letters topic with its original bytes, its source position and one of',
    'these reasons in its headers; `shoal_dead_letters_total` counts them. It is never tried again. Of an event larger than',
    'the topic takes (the input may be compressed) the value is left out, then its headers, then its key, and the header',
    '`__shoal.omitted` says so; the source position says where they are.',
    '',
    row('reason', 'what it means'),
    row('---', '---'),
    ...reasons,
    '',
  ].join('\n')
}

export function metricsPage(): string {
  const rows = Object.entries(metrics).map(([name, metric]) => {
    const bounds = 'buckets' in metric ? ` Buckets up to ${metric.buckets.join(', ')}.` : ''
    return row(
      `\`${name}\``,
      metric.kind,
      metric.labels.map((label) => `\`${label}\``).join(', '),
      metric.help + bounds,
    )
  })
  return [
    '# Metrics',
    '',
    origin('src/runtime/metrics.ts'),
    '',
    'In the text format of Prometheus at `/metrics`, or as OpenMetrics, with exemplars, for whoever asks for that. Counters of',
    'events count what was committed, and so agree with the topics. Nothing is measured per event. What becomes a label is',
    'bounded: partitions, features, the 32 largest clusters, and words of the code.',
    '',
    row('name', 'kind', 'labels', 'what it measures'),
    row('---', '---', '---', '---'),
    ...rows,
    '',
    '## Of the process',
    '',
    'Made by prom-client, for every process alike.',
    '',
    row('name', 'kind', 'what it measures'),
    row('---', '---', '---'),
    ...processRegistry()
      .getMetricsAsArray()
      .map(({ name, type, help }) => row(`\`${name}\``, String(type), help)),
    '',
  ].join('\n')
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
