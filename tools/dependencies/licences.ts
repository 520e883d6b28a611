/** Which licences what is shipped may have. */
import { type Lock, type LockEntry, packagesOf } from './lock.ts'

/** Those that ask for no more than to be named: the licences of what is shipped. */
const permissive = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-2-Clause-Views',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Public Domain',
])
/** Of what builds and tests, and is not shipped: they also ask for changes to them to be published. */
const toolsToo = new Set(['CC-BY-4.0', 'MPL-2.0', 'Python-2.0', 'Zlib'])

/** A line for each package whose licence is none of those, or not said. */
export function refusedLicences(lock: Lock): readonly string[] {
  return packagesOf(lock)
    .filter(([, entry]) => !isAllowed(entry))
    .map(([path, entry]) => `${path}: its licence must be one that is allowed: got ${licenceOf(entry) ?? 'none'}`)
}

export function licenceOf({ license }: LockEntry): string | null {
  if (license === undefined) return null
  return typeof license === 'string'
    ? license.replace(/^\((.*)\)$/, '$1')
    : license.map(({ type }) => type).join(' OR ')
}

function isAllowed(entry: LockEntry): boolean {
  const expression = licenceOf(entry)
  if (expression === null) return false
  const known = (name: string) => permissive.has(name) || (entry.dev && toolsToo.has(name))
  // AND binds closer than OR; brackets within are met by nobody yet, and so not known.
  return expression.split(' OR ').some((all) => all.split(' AND ').every(known))
}
