/** docs/dependencies.md: what each package is for, and what it brings along. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { licenceOf } from './licences.ts'
import { closureOf, type Lock, packagesOf, readLock } from './lock.ts'
import { building, type Reason, running } from './reasons.ts'

const root = join(import.meta.dirname, '..', '..')

/** The page as Markdown. Sizes are of the files that are installed, without what differs by platform. */
export function dependenciesPage(): string {
  const lock = readLock(join(root, 'package-lock.json'))
  const shipped = packagesOf(lock).filter(([, { dev, optional }]) => !dev && !optional)
  return [
    '# Packages',
    '',
    '<!-- Written by `npm run docs` from tools/dependencies/reasons.ts and package-lock.json. -->',
    '',
    'What Shoal exists for is written here by hand; for everything else a package that is kept well beats our own code. Each has a',
    `reason, and none comes in without one (\`test/tools/dependencies.test.ts\`). ${shipped.length} packages in all are installed to run it, those`,
    'that others bring among them, beside prebuilt binaries of your platform. `npm run dependencies:check` looks at the lock (one version',
    'each, a SHA-512 checksum each, nothing from elsewhere, no script that nobody has looked at), at the licences and, where the package',
    'index tells, at what is known to be broken; `-- --sbom FILE` writes a bill of materials (CycloneDX).',
    '',
    'The registry client brings the key stores of four clouds, to encrypt fields with, which Shoal does not do: in their place an empty',
    'package is installed (`overrides` in package.json).',
    '',
    '## What a running process loads',
    '',
    row('package', 'what for', 'why this one', 'licence', 'packages', 'MB', 'newest release'),
    row('---', '---', '---', '---', '---:', '---:', '---'),
    ...Object.entries(running).map(([name, reason]) => line(lock, name, reason, ...weightOf(lock, name))),
    '',
    'Packages and MB count what it brings along, which several may share.',
    '',
    '## What builds, tests and measures',
    '',
    row('package', 'what for', 'why this one', 'licence', 'newest release'),
    row('---', '---', '---', '---', '---'),
    ...Object.entries(building).map(([name, reason]) => line(lock, name, reason)),
    '',
  ].join('\n')
}

function line(lock: Lock, name: string, { what, why, released }: Reason, ...weight: readonly string[]): string {
  const entry = lock.packages[`node_modules/${name}`]
  return row(`\`${name}\` ${entry.version}`, what, why, licenceOf(entry) ?? 'none', ...weight, released)
}

function weightOf(lock: Lock, name: string): readonly [packages: string, megabytes: string] {
  const folders = closureOf(lock, name)
  const bytes = folders.reduce((sum, folder) => sum + bytesIn(join(root, folder)), 0)
  return [String(folders.length), (bytes / 1e6).toFixed(1)]
}

/** Without packages within it. */
function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .reduce((sum, file) => {
      const path = join(folder, file.name)
      return sum + (file.isDirectory() ? bytesIn(path) : statSync(path).size)
    }, 0)
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
