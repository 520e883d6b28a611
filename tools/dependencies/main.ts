/**
 * `npm run dependencies:check`: the lock, the licences and, where the package index tells, what is known to be broken.
 * `-- --sbom FILE` also writes a bill of materials of what is shipped (CycloneDX). Exit code 1 when something is wrong.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { refusedLicences } from './licences.ts'
import { lint, packagesOf, readLock } from './lock.ts'

const root = join(import.meta.dirname, '..', '..')
const { values } = parseArgs({ options: { sbom: { type: 'string' } } })
const lock = readLock(join(root, 'package-lock.json'))
const { allowScripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const wrong = [
  ...told('lock', lint(lock, { knownScripts: Object.keys(allowScripts) })),
  ...told('licences', refusedLicences(lock)),
  ...told('known holes in what is shipped', audited()),
]
if (values.sbom !== undefined) {
  const { status, stdout, stderr } = npm('sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only')
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`)
  writeFileSync(values.sbom, stdout)
  console.log(`bill of materials: ${values.sbom}`)
}
process.exit(wrong.length === 0 ? 0 : 1)

function told(what: string, lines: readonly string[] | null): readonly string[] {
  const of = `${what} of ${packagesOf(lock).length} packages`
  if (lines === null) console.log(`SKIPPED: ${of}: the package index does not tell`)
  else console.log([`${lines.length === 0 ? 'good' : 'wrong'}: ${of}`, ...lines.map((line) => `  ${line}`)].join('\n'))
  return lines ?? []
}

/** Null: the index has no such service. */
function audited(): readonly string[] | null {
  const { stdout } = npm('audit', '--omit=dev', '--json')
  const { vulnerabilities } = JSON.parse(stdout)
  if (vulnerabilities === undefined) return null
  return Object.entries<{ severity: string; range: string }>(vulnerabilities)
    .filter(([, { severity }]) => severity === 'high' || severity === 'critical')
    .map(([name, { severity, range }]) => `${name} ${range}: ${severity}`)
}

function npm(...args: readonly string[]) {
  return spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
}
