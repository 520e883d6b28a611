/**
 * `npm run image:check`: builds the image with buildah, without an engine; judges what lies in its last stage; runs the main
 * job out of it. Takes some minutes, and needs root, as chroot does. `-- --base IMAGE` takes another base than one of
 * debootstrap, `-- --twice` builds it twice and compares each file's bytes and date.
 */
import { createHash } from 'node:crypto'
import { lstat, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { exists } from '../stack/cache.ts'
import { type Buildah, buildahIn } from './buildah.ts'
import { faultsOfFiles, faultsOfSetup, type ImageFile, imageSetup } from './contents.ts'
import { makeLocalBase } from './local-base.ts'
import { tryMainJob } from './main-job.ts'

const root = join(import.meta.dirname, '..', '..')
const image = 'localhost/shoal'
const say = (line: string) => void process.stderr.write(`image: ${line}\n`)
const { values } = parseArgs({ options: { base: { type: 'string' }, twice: { type: 'boolean' } } })

const folder = await mkdtemp(join(tmpdir(), 'shoal-images-'))
try {
  await check(buildahIn(folder))
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function check(buildah: Buildah): Promise<void> {
  const base = values.base ?? 'localhost/shoal-base'
  if (values.base === undefined) await makeLocalBase(buildah, base, root, say)
  const place = await build(buildah, base)
  const files = await filesOf(place.mounted)
  const setup = imageSetup.parse(JSON.parse(await buildah.ask('inspect', '--type', 'image', image)).Docker)
  const faults = [...faultsOfFiles(files), ...faultsOfSetup(setup)]
  const bytes = await sizeOf(place.mounted)
  say(`${files.length} files and folders, ${Math.round(bytes / 1e6)} MB, ${faults.length} faults`)
  for (const fault of faults) say(fault)
  if (faults.length > 0) process.exitCode = 1
  if (values.twice) await compare(buildah, base, place.mounted)
  await tryMainJob(buildah, place.container, say)
}

async function build(buildah: Buildah, base: string): Promise<{ container: string; mounted: string }> {
  // The Docker format: OCI's has no place for a health check.
  const own = ['--isolation', 'chroot', '--format', 'docker', '--disable-compression', '--no-cache', '--timestamp', '0']
  const npmrc = join(homedir(), '.npmrc')
  const secret = (await exists(npmrc)) ? ['--secret', `id=npmrc,src=${npmrc}`] : []
  const file = join(root, 'deploy', 'docker', 'Dockerfile')
  await buildah.tell('bud', ...own, ...secret, '--build-arg', `BASE=${base}`, '--file', file, '--tag', image, root)
  const container = await buildah.ask('from', '--pull-never', image)
  return { container, mounted: await buildah.ask('mount', container) }
}

async function filesOf(mounted: string): Promise<readonly ImageFile[]> {
  const entries = await readdir(mounted, { recursive: true })
  return Promise.all(
    entries.map(async (entry): Promise<ImageFile> => {
      const stat = await lstat(join(mounted, entry))
      const kind = stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'file'
      return { path: `/${entry}`, kind, mode: stat.mode & 0o7777, uid: stat.uid }
    }),
  )
}

async function sizeOf(mounted: string): Promise<number> {
  const entries = await readdir(mounted, { recursive: true })
  const sizes = await Promise.all(entries.map(async (entry) => (await lstat(join(mounted, entry))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function compare(buildah: Buildah, base: string, first: string): Promise<void> {
  const { mounted: second } = await build(buildah, base)
  const [one, other] = [await digestsOf(first), await digestsOf(second)]
  const paths = [...new Set([...one.keys(), ...other.keys()])]
  const different = paths.filter((path) => one.get(path) !== other.get(path))
  say(`built twice: ${different.length} of ${paths.length} differ`)
  for (const path of different) say(`differs: ${path}`)
  if (different.length > 0) process.exitCode = 1
}

async function digestsOf(mounted: string): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>()
  for (const { path, kind, mode } of await filesOf(mounted)) {
    const at = join(mounted, path)
    const bytes = kind === 'file' ? await readFile(at) : kind === 'link' ? await readlink(at) : ''
    const { mtimeMs } = await lstat(at)
    digests.set(path, `${kind} ${mode} ${mtimeMs} ${createHash('sha256').update(bytes).digest('hex')}`)
  }
  return digests
}
