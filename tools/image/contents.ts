/** What may lie in the image, and how it must be set up: what a scanner of a registry would ask, asked before it is there. */
import { basename } from 'node:path'
import { z } from 'zod'

/** A file of the image, by its path from the root. */
export interface ImageFile {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link'
  /** The permission bits, setuid, setgid and sticky among them. */
  readonly mode: number
  readonly uid: number
}

const command = z.array(z.string())

/** The part of an image's configuration that is judged, as `buildah inspect` has it in the Docker format. */
export const imageSetup = z.object({
  config: z.object({
    User: z.string(),
    Entrypoint: command,
    Cmd: command,
    StopSignal: z.string(),
    Labels: z.record(z.string(), z.string()),
    Healthcheck: z.object({ Test: command }),
  }),
})

const shells = ['sh', 'ash', 'bash', 'busybox', 'csh', 'dash', 'fish', 'ksh', 'mksh', 'tcsh', 'toybox', 'zsh']
const managers = [
  'apk',
  'apt',
  'apt-get',
  'corepack',
  'dnf',
  'dpkg',
  'microdnf',
  'npm',
  'npx',
  'pip',
  'pip3',
  'pnpm',
  'rpm',
  'yarn',
  'yum',
]
const secrets = ['.npmrc', '.netrc', '.env', 'shoal.yaml']
const labels = ['title', 'description', 'licenses', 'version', 'revision'].map(
  (name) => `org.opencontainers.image.${name}`,
)

const setId = 0o6000
const writableByOthers = 0o022

/** What is wrong with the files, a line each. */
export function faultsOfFiles(files: readonly ImageFile[]): readonly string[] {
  return files.flatMap((file) => faultsOfFile(file).map((fault) => `${file.path} ${fault}`))
}

function faultsOfFile({ path, kind, mode, uid }: ImageFile): readonly string[] {
  const name = basename(path)
  const faults: string[] = []
  // A package may have a folder or a module called so; what could be started is a file or a link that has the bare name.
  if (kind !== 'folder' && shells.includes(name)) faults.push('is a shell')
  if (kind !== 'folder' && managers.includes(name)) faults.push('is a package manager')
  if (kind === 'folder' && /node_modules\/(npm|corepack|yarn|pnpm)$/.test(path)) faults.push('is a package manager')
  if (secrets.includes(name)) faults.push('may hold a secret')
  if (kind === 'link') return faults
  if ((mode & setId) !== 0) faults.push(`has another's rights: mode ${mode.toString(8)}`)
  if (path === '/tmp') return faults
  if (uid !== 0) faults.push(`belongs to user ${uid}, not to root`)
  if ((mode & writableByOthers) !== 0) faults.push(`can be written by others than its owner: mode ${mode.toString(8)}`)
  return faults
}

/** What is wrong with how a container of the image is started, a line each. */
export function faultsOfSetup({ config }: z.infer<typeof imageSetup>): readonly string[] {
  const { User, Entrypoint, StopSignal, Labels, Healthcheck } = config
  const faults: string[] = []
  // By number: Kubernetes can tell only then that the user is not root.
  if (!/^[1-9]\d*(:[1-9]\d*)?$/.test(User)) faults.push(`the user must be a number above 0: got "${User}"`)
  const node = '/usr/local/bin/node'
  if (Entrypoint[0] !== node) faults.push(`the first process must be ${node}: got ${Entrypoint.join(' ')}`)
  const [form, probe] = Healthcheck.Test
  if (form !== 'CMD' || probe !== node)
    faults.push(`the health check must be ${node}: got ${Healthcheck.Test.join(' ')}`)
  if (StopSignal !== 'SIGTERM') faults.push(`the stop signal must be SIGTERM: got ${StopSignal}`)
  for (const label of labels) if (!Labels[label]) faults.push(`the label ${label} must be set`)
  return faults
}
