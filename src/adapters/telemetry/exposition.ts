/**
 * What is answered to a scrape: Prometheus' text, or OpenMetrics for whoever asks for it, which has exemplars.
 *
 * prom-client writes either, but one registry not both: for OpenMetrics it takes `_total` from the names of its counters,
 * and after one such answer its other text has other names. So both are written here from what it has counted.
 */
import { type OpenMetricsContentType, openMetricsContentType, prometheusContentType, type Registry } from 'prom-client'

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** `accept` is the request's header. */
export async function expose(
  registry: Registry<OpenMetricsContentType>,
  accept: string | undefined,
): Promise<Exposition> {
  const families: readonly Family[] = await registry.getMetricsAsJSON()
  if (!wantsOpenMetrics(accept ?? '')) {
    return { contentType: prometheusContentType, text: families.map((family) => familyText(family, text)).join('') }
  }
  const body = families.map((family) => familyText(family, openMetrics)).join('')
  return { contentType: openMetricsContentType, text: `${body}# EOF\n` }
}

/** Where the two formats differ. */
interface Dialect {
  readonly familyName: (name: string, type: unknown) => string
  readonly help: (text: string) => string
  readonly hasExemplars: boolean
}

const text: Dialect = {
  familyName: (name) => name,
  help: (words) => words.replace(/[\\\n]/g, sequence),
  hasExemplars: false,
}
const openMetrics: Dialect = {
  familyName: (name, type) => (type === 'counter' ? name.replace(/_total$/, '') : name),
  help: (words) => escaped(words),
  hasExemplars: true,
}

/** Named, and not with a weight of 0: whoever can read it prefers it, and all others do not name it. */
function wantsOpenMetrics(accept: string): boolean {
  const [named] = accept.split(',').filter((range) => range.trim().startsWith('application/openmetrics-text'))
  return named !== undefined && !/;\s*q=0(\.0*)?\s*(;|$)/.test(named)
}

/** As prom-client gives it; its types leave out what only some kinds have. */
interface Family {
  readonly name: string
  readonly help: string
  readonly type: unknown
  readonly values: readonly Sample[]
}

type Labels = Readonly<Partial<Record<string, string | number>>>

interface Sample {
  readonly value: number
  readonly labels: Labels
  readonly metricName?: string
  readonly exemplar?: { readonly labelSet: Labels; readonly value: number; readonly timestamp: number } | null
}

function familyText({ name, help, type, values }: Family, dialect: Dialect): string {
  const family = dialect.familyName(name, type)
  const samples = values.map(({ metricName, labels, value, exemplar }) => {
    const traced = exemplar == null || !dialect.hasExemplars ? '' : exemplarText(exemplar)
    return `${metricName ?? name}${labelText(labels)} ${numberText(value)}${traced}\n`
  })
  return [`# HELP ${family} ${dialect.help(help)}\n`, `# TYPE ${family} ${type}\n`, ...samples].join('')
}

function exemplarText({ labelSet, value, timestamp }: NonNullable<Sample['exemplar']>): string {
  return ` # ${labelText(labelSet)} ${value} ${timestamp}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (words: string): string => words.replace(/[\\\n"]/g, sequence)
const sequence = (each: string): string => (each === '\n' ? '\\n' : `\\${each}`)

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
