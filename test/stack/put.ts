import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Puts a file in the place of the one before it at once, as what rotates secrets does; gives its path. */
export function put(folder: string, name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
  return path
}
