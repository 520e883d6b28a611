/** Writing so that a crash at any step leaves files that are whole, or no name for them. */
import { randomUUID } from 'node:crypto'
import { link, open } from 'node:fs/promises'
import { join } from 'node:path'

/** On the disk before it has a name that anybody reads; `written` (OUT) is told of it, also when it is cut short. */
export async function writeTemporary(folder: string, content: Buffer | string, written: string[]): Promise<string> {
  const path = join(folder, `${randomUUID()}.tmp`)
  const handle = await open(path, 'wx')
  written.push(path)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return path
}

/** False when the name is taken. */
export async function takeName(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** A new name is on the disk only once its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
