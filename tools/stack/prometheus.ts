/**
 * A real Prometheus and a real Alertmanager: the machine's own, or Prometheus out of Debian's package without installing it,
 * and Alertmanager built by Go, since Debian's only runs where it was installed.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, isCached, type Report } from './cache.ts'
import { unpacked } from './debian.ts'
import { command, onPath } from './process.ts'
import { freePort, launch, placeOf, type Server, type StartOptions } from './server.ts'

/** Each program by the names that it has on a machine. */
const programs = {
  promtool: ['promtool'],
  prometheus: ['prometheus'],
  alertmanager: ['alertmanager', 'prometheus-alertmanager'],
} as const

const alertmanager = { module: 'github.com/prometheus/alertmanager/cmd/alertmanager', version: '0.28.1' }

const missingPrometheus =
  "prometheus is needed: its programs are not on the PATH, and without Debian's apt-get and dpkg the package cannot be " +
  'fetched. Install Prometheus, with promtool.'

const alertmanagerFolder = `alertmanager-${alertmanager.version}`

interface ConfiguredOptions extends StartOptions {
  /** The text of its configuration file. */
  readonly configuration: string
}

/** Where the program lies; throws with what to do when it cannot be had. */
export async function programOf(name: keyof typeof programs, report: Report = () => {}): Promise<string> {
  const found = await onPath(programs[name])
  if (found !== null) return found
  if (name === 'alertmanager') return join(await builtAlertmanager(report), name)
  return join(await unpacked('prometheus', ['prometheus'], missingPrometheus, report), 'usr', 'bin', name)
}

/** Whether Alertmanager can be started without being built first, which takes minutes. */
export async function isAlertmanagerAtHand(): Promise<boolean> {
  return (await onPath(programs.alertmanager)) !== null || isCached(alertmanagerFolder)
}

/** One that scrapes and judges as the configuration says. Files that it names are found from the place of this process. */
export async function startPrometheus({ configuration, ...options }: ConfiguredOptions): Promise<Server> {
  const program = await programOf('prometheus', options.report)
  const place = await placeOf('prometheus', options.folder)
  const file = join(place.folder, 'prometheus.yml')
  await writeFile(file, configuration)
  const port = options.port ?? (await freePort())
  const address = `http://127.0.0.1:${port}`
  const data = join(place.folder, 'data')
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`]
  return launch({
    name: 'Prometheus',
    address,
    port,
    place,
    command: program,
    args: [...args, '--enable-feature=exemplar-storage', '--log.level=warn'],
    mark: file,
    probe: () => probeReady(address),
  })
}

export async function startAlertmanager({ configuration, ...options }: ConfiguredOptions): Promise<Server> {
  const program = await programOf('alertmanager', options.report)
  const place = await placeOf('alertmanager', options.folder)
  const file = join(place.folder, 'alertmanager.yml')
  await writeFile(file, configuration)
  const port = options.port ?? (await freePort())
  const address = `http://127.0.0.1:${port}`
  const data = join(place.folder, 'data')
  // It is alone: the address at which its like would find it is not listened at.
  const alone = '--cluster.listen-address='
  const args = [`--config.file=${file}`, `--storage.path=${data}`, `--web.listen-address=127.0.0.1:${port}`, alone]
  return launch({
    name: 'Alertmanager',
    address,
    port,
    place,
    command: program,
    args: [...args, '--log.level=warn'],
    mark: file,
    probe: () => probeReady(address),
  })
}

async function probeReady(address: string): Promise<void> {
  const answer = await fetch(`${address}/-/ready`)
  if (!answer.ok) throw new Error(`${address}/-/ready answers ${answer.status}`)
}

async function builtAlertmanager(report: Report): Promise<string> {
  const { module, version } = alertmanager
  const missing =
    'Alertmanager is needed: it is not on the PATH, and without Go it cannot be built. Install one of them.'
  if ((await onPath(['go'])) === null) throw new Error(missing)
  return cached(alertmanagerFolder, 'go', async (into) => {
    report(`building Alertmanager ${version} (once, some minutes)`)
    await command('env', [`GOBIN=${into}`, 'go', 'install', `${module}@v${version}`], missing)
  })
}
