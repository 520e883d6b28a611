/**
 * `npm run deploy:check`: the Dockerfile, the compose file, the workflows and the chart, judged by the programs that people
 * judge them by, which are fetched once when the machine has none. No engine and no cluster is needed.
 *
 * `-- --resources LOCATION` is where kubeconform finds the schemas of what operators add (KEDA, Strimzi, …): a folder or an
 * address with its placeholders. Without it those resources are passed over, which is said.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Finding, refusedSets, validSets } from './chart.ts'
import { type Judge, judge, kubernetesSchemas } from './programs.ts'

const release = '1.34.0'
const root = join(import.meta.dirname, '..', '..')
const deploy = join(root, 'deploy')
const chart = join(deploy, 'helm', 'shoal')
const say = (line: string) => console.log(line)
const { values } = parseArgs({ options: { resources: { type: 'string' } } })

const scratch = await mkdtemp(join(tmpdir(), 'shoal-deployment-'))
try {
  const findings = await check()
  for (const [name, fault] of findings) say(fault === '' ? `good     ${name}` : `WRONG    ${name}\n${fault}`)
  if (values.resources === undefined) say('passed over: resources of operators, for want of --resources')
  const wrong = findings.filter(([, fault]) => fault !== '').length
  say(`${findings.length - wrong} good, ${wrong} wrong`)
  process.exitCode = wrong === 0 ? 0 : 1
} finally {
  await rm(scratch, { recursive: true, force: true })
}

async function check(): Promise<readonly Finding[]> {
  const hadolint = await judge('hadolint', say)
  const schema = await judge('check-jsonschema', say)
  const helm = await judge('helm', say)
  const judges = {
    helm,
    kubeconform: await judge('kubeconform', say),
    conftest: await judge('conftest', say),
    schemas: await kubernetesSchemas(release, say),
    resourceSchemas: values.resources ?? null,
    release,
  }
  const compose = ['--builtin-schema', 'vendor.compose-spec', join(deploy, 'compose.yaml')]
  return [
    await found('deploy/docker/Dockerfile', hadolint, join(deploy, 'docker', 'Dockerfile')),
    await found('deploy/compose.yaml', schema, ...compose),
    await found('.github/workflows', await judge('actionlint', say), ...(await workflows())),
    await found('deploy/helm/shoal', helm, 'lint', '--strict', '--kube-version', release, chart),
    ...(await validSets(chart, scratch, judges)),
    ...(await refusedSets(chart, scratch, judges)),
  ]
}

async function workflows(): Promise<readonly string[]> {
  const folder = join(root, '.github', 'workflows')
  return (await readdir(folder)).map((name) => join(folder, name))
}

async function found(name: string, ask: Judge, ...args: readonly string[]): Promise<Finding> {
  const { isGood, said } = await ask(...args)
  return [name, isGood ? '' : said || 'it failed without a word']
}
