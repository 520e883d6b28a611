/** A release that came before this one, out of the history, to run beside it. */
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from '../../tools/stack/process.ts'

/** Package version 0.1.0. */
const olderRelease = '214f04e022c2b077ff40a3d9be40a25a96bcb6a8'
const root = join(import.meta.dirname, '..', '..')

/** Puts it into a new folder of that place; gives its program, null where the history is not there. */
export async function unpackOlderRelease(place: string): Promise<string | null> {
  const [folder, archive] = [join(place, 'older'), join(place, 'older.tar')]
  try {
    await command('git', ['archive', '--output', archive, olderRelease], 'git is not there', root)
  } catch (error) {
    console.error(`\nSKIPPED: NO OLDER RELEASE ${olderRelease}. ${error}\n`)
    return null
  }
  await mkdir(folder)
  await command('tar', ['-xf', archive, '-C', folder], 'tar is not there')
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, 'src', 'main.ts')
}
