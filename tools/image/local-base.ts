/**
 * A base that the Dockerfile builds on where no registry of images can be reached: Debian by debootstrap, with the Node that
 * package.json pins and the npm of this machine, laid as Node's own image has them.
 */
import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir, realpath, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cached, type Report } from '../stack/cache.ts'
import { command, onPath } from '../stack/process.ts'
import type { Buildah } from './buildah.ts'

const run = promisify(execFile)
const authorities = '/etc/ssl/certs/ca-certificates.crt'
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Makes the image `tag`. The tree of Debian is made once and kept; `root` is the folder of the project. */
export async function makeLocalBase(buildah: Buildah, tag: string, root: string, report: Report): Promise<void> {
  const { stdout } = await run(process.execPath, ['--version'])
  const tree = await cached(`image-base-bookworm-node-${stdout.trim()}`, 'debootstrap', async (into) => {
    report('making a base of Debian (once, about a minute)')
    const missing = 'debootstrap is needed to make a base without a registry of images: install it, or give --base'
    await command('debootstrap', ['--variant=minbase', 'bookworm', into, 'http://deb.debian.org/debian'], missing)
    await copyFile(join(root, 'node_modules', 'node', 'bin', 'node'), join(into, 'usr/local/bin/node'))
    const npm = await onPath(['npm'])
    if (npm === null) throw new Error('npm is not on the PATH')
    await mkdir(join(into, 'usr/local/lib/node_modules'), { recursive: true })
    await cp(dirname(dirname(await realpath(npm))), join(into, 'usr/local/lib/node_modules/npm'), { recursive: true })
    await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(into, 'usr/local/bin/npm'))
    // A machine behind a proxy that reads along has authorities of its own, and npm must know them.
    await mkdir(dirname(join(into, authorities)), { recursive: true })
    await copyFile(authorities, join(into, authorities))
  })
  const container = await buildah.ask('from', 'scratch')
  await buildah.ask('copy', '--quiet', container, tree, '/')
  await buildah.ask('config', '--env', path, '--env', `NODE_EXTRA_CA_CERTS=${authorities}`, container)
  await buildah.ask('commit', '--quiet', '--disable-compression', container, tag)
  await buildah.ask('rm', container)
}
