/** Programs out of Debian's packages, unpacked into the cache: nothing of the system is changed. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, type Report } from './cache.ts'
import { command } from './process.ts'

/** The folder that the packages were unpacked into; `missing` says what to do where there is no apt-get. */
export function unpacked(name: string, packages: readonly string[], missing: string, report: Report): Promise<string> {
  return cached(`debian-${name}`, 'apt', async (into) => {
    report(`fetching Debian's ${packages.join(', ')} (once)`)
    await command('apt-get', ['download', ...packages], missing, into)
    const files = (await readdir(into)).filter((file) => file.endsWith('.deb'))
    if (files.length < packages.length)
      throw new Error(`apt-get brought ${files.length} of ${packages.length} packages`)
    for (const file of files) await command('dpkg', ['-x', join(into, file), into], missing)
  })
}
