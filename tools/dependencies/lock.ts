/** What package-lock.json says of the packages, and what it must say. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const names = z.record(z.string(), z.string()).default({})

const entry = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().default(false),
  dev: z.boolean().default(false),
  optional: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
  /** An expression of SPDX, or what old packages have instead of one. */
  license: z.union([z.string(), z.array(z.object({ type: z.string() }))]).optional(),
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
})
export type LockEntry = z.infer<typeof entry>

const lockfile = z.object({ lockfileVersion: z.number(), packages: z.record(z.string(), entry) })
export type Lock = z.infer<typeof lockfile>

/** Throws when it is not a lock of npm's. */
export function readLock(path: string): Lock {
  return lockfile.parse(JSON.parse(readFileSync(path, 'utf8')))
}

/** The packages themselves, by the folder that each is installed in. */
export function packagesOf({ packages }: Lock): readonly (readonly [string, LockEntry])[] {
  return Object.entries(packages).filter(([path]) => path !== '')
}

/** As in `node_modules/a/node_modules/b`: b. */
export function nameAt(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

export interface LintOptions {
  /** Packages whose install scripts have been looked at, whether they may run or not. */
  readonly knownScripts: readonly string[]
}

/**
 * What is wrong with a lock, a line each: a version that is not pinned, a package without a checksum or by a weak one, from
 * somewhere else than a package index, and a script that nobody has looked at.
 */
export function lint(lock: Lock, { knownScripts }: LintOptions): readonly string[] {
  const root = lock.packages['']
  const found: string[] = []
  if (lock.lockfileVersion < 3) found.push(`lockfileVersion must be at least 3: got ${lock.lockfileVersion}`)
  for (const [name, version] of Object.entries({ ...root?.dependencies, ...root?.devDependencies })) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) found.push(`${name}: must be pinned to one version: got ${version}`)
  }
  for (const [path, { integrity, resolved, link, hasInstallScript }] of packagesOf(lock)) {
    if (link) found.push(`${path}: must be a package, not a link`)
    else if (integrity === undefined) found.push(`${path}: must have a checksum`)
    else if (!integrity.startsWith('sha512-')) found.push(`${path}: its checksum must be SHA-512: got ${integrity}`)
    if (resolved !== undefined && !resolved.startsWith('https://')) {
      found.push(`${path}: must come from a package index over https: got ${resolved}`)
    }
    if (hasInstallScript && !knownScripts.includes(nameAt(path))) {
      found.push(`${path}: its install script must be allowed or refused under allowScripts in package.json`)
    }
  }
  return found
}

/** The folders of what a package needs, itself first; optional ones, which differ by platform, are left out. */
export function closureOf({ packages }: Lock, name: string): readonly string[] {
  const found = new Set<string>()
  const visit = (path: string) => {
    if (found.has(path)) return
    found.add(path)
    const { dependencies, optionalDependencies } = packages[path]
    for (const needed of Object.keys(dependencies)) {
      const at = needed in optionalDependencies ? null : folderOf(packages, path, needed)
      if (at !== null) visit(at)
    }
  }
  visit(`node_modules/${name}`)
  return [...found]
}

/** Where Node would find `name` from a package; null: nowhere. */
function folderOf(packages: Lock['packages'], from: string, name: string): string | null {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (path in packages) return path
    if (folder === '') return null
  }
}
