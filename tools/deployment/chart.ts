/** The chart as its own values, and those that must be refused, make it: rendered, validated, judged. */
import { readdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Judge, Verdict } from './programs.ts'

interface ChartJudges {
  readonly helm: Judge
  readonly kubeconform: Judge
  readonly conftest: Judge
  /** Where kubeconform finds the schemas of Kubernetes. */
  readonly schemas: string
  /** And of what operators add; null: those are passed over. */
  readonly resourceSchemas: string | null
  readonly release: string
}

/** Its name, and what is wrong with it: an empty text when nothing is. */
export type Finding = readonly [name: string, fault: string]

/** Every set of `ci/` is rendered, valid, and let through by the policies. */
export async function validSets(chart: string, scratch: string, judges: ChartJudges): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const file of await setsIn(chart, 'ci')) {
    const rendered = join(scratch, file)
    const steps = [
      () => render(chart, join(chart, 'ci', file), rendered, judges),
      () => validate(rendered, judges),
      () => judges.conftest('test', '--combine', '--no-color', '--policy', join(chart, 'policies'), rendered),
    ]
    findings.push([`chart with ci/${file}`, await firstFault(steps)])
  }
  return findings
}

/** Every set of `refused/` is refused by the policy that it is named by, and by no other. */
export async function refusedSets(chart: string, scratch: string, judges: ChartJudges): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const file of await setsIn(chart, 'refused')) {
    const rendered = join(scratch, `refused-${file}`)
    const fault = await firstFault([() => render(chart, join(chart, 'refused', file), rendered, judges)])
    const policies = join(chart, 'policies')
    const { said } = await judges.conftest('test', '--combine', '--no-color', '--policy', policies, rendered)
    const named = [...said.matchAll(/^FAIL - .* - main - ([a-z-]+): /gm)].map(([, name]) => name)
    const policy = basename(file, '.yaml')
    const isRefused = named.length === 1 && named[0] === policy
    findings.push([
      `refused/${file}`,
      fault || (isRefused ? '' : `must be refused by ${policy}: by ${named.join(', ') || 'none'}`),
    ])
  }
  return findings
}

async function setsIn(chart: string, folder: string): Promise<readonly string[]> {
  return (await readdir(join(chart, folder))).filter((name) => name.endsWith('.yaml')).sort()
}

async function render(chart: string, values: string, into: string, { helm, release }: ChartJudges): Promise<Verdict> {
  const verdict = await helm(
    'template',
    'cards',
    chart,
    '--namespace',
    'shoal',
    '--kube-version',
    release,
    '--values',
    values,
  )
  await writeFile(into, verdict.isGood ? verdict.said : '')
  return verdict
}

function validate(rendered: string, { kubeconform, schemas, resourceSchemas, release }: ChartJudges): Promise<Verdict> {
  const own = ['-schema-location', join(schemas, '{{.ResourceKind}}{{.KindSuffix}}.json')]
  const added = resourceSchemas === null ? ['-ignore-missing-schemas'] : ['-schema-location', resourceSchemas]
  return kubeconform('-strict', '-kubernetes-version', release, ...own, ...added, rendered)
}

async function firstFault(steps: readonly (() => Promise<Verdict>)[]): Promise<string> {
  for (const step of steps) {
    const { isGood, said } = await step()
    if (!isGood) return said || 'it failed without a word'
  }
  return ''
}
