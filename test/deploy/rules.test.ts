/** Alerts and recording rules: right by Prometheus' own judgement, about metrics that exist, each with its runbook. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { processRegistry } from '../../src/adapters/telemetry/process-metrics.ts'
import { metrics } from '../../src/runtime/metrics.ts'
import { source } from '../cli/program.ts'
import { namesIn, unknownIn } from './metric-names.ts'
import { describeWithPromtool } from './promtool.ts'

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly for?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** The commands that the program has, `model` and `model freeze` alike. */
async function commands(): Promise<readonly string[]> {
  const below = async (path: readonly string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, [source, ...path, '--help'])
    const [, list = ''] = stdout.split(/^Commands:$/m)
    return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => [...path, name])
  }
  const first = await below([])
  const groups = first.filter(([name]) => ['model', 'drift', 'reference', 'config'].includes(name))
  const second = await Promise.all(groups.map(below))
  return [...first, ...second.flat()].map((path) => path.join(' '))
}

interface UnitTest {
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts?: readonly unknown[] }[]
}

const folder = join(import.meta.dirname, '..', '..', 'deploy', 'prometheus')
const read = (file: string) => parse(readFileSync(join(folder, file), 'utf8'))
const rulesOf = (file: string): readonly Rule[] => read(file).groups.flatMap(({ rules }: { rules: Rule[] }) => rules)
const recording = rulesOf('shoal.recording.yml')
const alerts = rulesOf('shoal.alerts.yml')
const recorded = recording.flatMap(({ record }) => record ?? [])
const known = { catalogue: metrics, process: processRegistry().getMetricsAsArray(), recorded }

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operations.md'), 'utf8')
const sections = [...page.matchAll(/^## (Shoal\w+)$/gm)].map(([, name]) => name)

describe.each([...recording, ...alerts].map((rule) => [rule.record ?? rule.alert ?? '', rule] as const))(
  '%s',
  (_, { expr, annotations = {} }) => {
    test('is about metrics that exist, with labels that they have', () => {
      expect(namesIn(expr)).not.toEqual([])
      expect(unknownIn([expr, annotations.description ?? ''], known)).toEqual([])
    })
  },
)

test('no recording rule is without use: an alert or a dashboard asks for it', () => {
  const asked = [...alerts.map(({ expr }) => expr), readFileSync(join(folder, '../grafana/shoal.json'), 'utf8')].join()
  expect(recorded.filter((record) => !asked.includes(record))).toEqual([])
})

describe.each(alerts.map((rule) => [rule.alert ?? '', rule] as const))(
  '%s',
  (name, { labels = {}, annotations = {} }) => {
    test('says how bad it is, what it is, and where it is written what to do', () => {
      expect(['critical', 'warning']).toContain(labels.severity)
      expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook_url'])
      expect(annotations.runbook_url).toBe(`docs/operations.md#${name.toLowerCase()}`)
      expect(sections).toContain(name)
    })

    test('is tested before its time, when it is silent, and after', () => {
      const tests = (read('shoal.test.yml').tests as readonly UnitTest[]).flatMap((each) => each.alert_rule_test)
      const [silent, ...fired] = tests.filter(({ alertname }) => alertname === name)
      expect(silent.exp_alerts).toBeUndefined()
      expect(fired.map(({ exp_alerts }) => exp_alerts?.length)).toEqual([1])
    })
  },
)

test('every section of the runbook is of an alert, and in their order', () => {
  expect(sections).toEqual(alerts.map(({ alert }) => alert))
})

test('what the runbook tells people to type exists', async () => {
  const typed = [...page.matchAll(/(?:`|^)shoal ((?:model|drift|reference|config) [a-z]+|[a-z-]+)/gm)].map(
    ([, words]) => words,
  )
  const known = await commands()
  expect(typed.filter((words) => known.includes(words)).length).toBeGreaterThan(25)
  expect(typed.filter((words) => !known.includes(words))).toEqual([])
})

test('what the runbook names exists: metrics and keys of the configuration', () => {
  const spans = [...page.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span)
  const named = spans.filter((span) => /^(shoal|nodejs|process|job|instance)[_:]/.test(span) && !span.includes('*'))
  expect(named.length).toBeGreaterThan(30)
  // Prose names a histogram by its family.
  const bare = named.map((span) => (span.replace(/\{.*/, '') in metrics ? '' : span))
  expect(unknownIn(bare, known)).toEqual([])

  const keys = spans.filter((span) =>
    /^(anomalies|bootstrap|clusters|http|input|kafka|models|redis|worker|drift)\.\w+$/.test(span),
  )
  expect(keys.length).toBeGreaterThan(5)
  const reference = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'configuration.md'), 'utf8')
  expect(keys.filter((key) => !reference.includes(`\`${key}`))).toEqual([])
})

test('a metric that nobody has, and a label that it has not, are found', () => {
  const wrong = [
    'rate(shoal_event_total[5m])',
    'shoal_lag_seconds{topic="a"}',
    'sum by (stage) (shoal_ready)',
    'nodejs_lag',
  ]
  expect(unknownIn(wrong, known)).toEqual(['shoal_event_total', 'nodejs_lag', 'shoal_lag_seconds{topic}'])
})

await describeWithPromtool('promtool', (promtool) => {
  test('finds the rules right', async () => {
    const files = ['shoal.recording.yml', 'shoal.alerts.yml'].map((file) => join(folder, file))
    const { code, said } = await promtool(['check', 'rules', ...files])
    expect([code, said]).toEqual([0, expect.stringContaining(`SUCCESS: ${alerts.length} rules found`)])
  })

  test('finds the example of a scrape right', async () => {
    const { code, said } = await promtool(['check', 'config', join(folder, 'prometheus.yml')])
    expect([code, said]).toEqual([0, expect.stringContaining('is valid prometheus config file')])
  })

  test('sees every alert fire when it should, and not before, nor elsewhere', async () => {
    const { code, said } = await promtool(['test', 'rules', join(folder, 'shoal.test.yml')])
    expect([code, said]).toEqual([0, expect.stringContaining('SUCCESS')])
  })
})
