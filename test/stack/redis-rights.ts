/** The rights that docs/security.md gives Shoal's user in Redis, so that the page and the tests cannot part. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const page = join(import.meta.dirname, '..', '..', 'docs', 'security.md')

/** `shoal on >password ~shoal:* +…`, as `ACL SETUSER` takes it. */
export function redisRights(password: string): string {
  const [, rights] = /^ACL SETUSER (shoal .*)$/m.exec(readFileSync(page, 'utf8')) ?? []
  if (rights === undefined) throw new Error('docs/security.md must have a line ACL SETUSER shoal')
  return rights.replace(/>\S+/, `>${password}`)
}
