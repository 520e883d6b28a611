/** A process with a small file system of its own, mounted where only it sees it: a disk that is really full or read-only. */
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const script = 'mount -t tmpfs -o "size=$1" shoal "$2" && shift 2 && exec "$@"'

/** What starts a program with `kilobytes` of disk at `folder`, which must exist. */
export function withDisk(kilobytes: number, folder: string): readonly string[] {
  return ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', `${kilobytes}k`, folder]
}

/** Whether this machine lets us; if not, why, said loudly. */
export function canHaveDisks(folder: string): boolean {
  try {
    const [program, ...line] = [...withDisk(64, folder), 'nsenter', '--version']
    execFileSync(program, line, { stdio: 'pipe' })
    return true
  } catch (error) {
    console.error(`SKIPPED: a full and a read-only disk, because unshare and nsenter cannot be used here: ${error}`)
    return false
  }
}

/** The disk as others reach it while the process lives. */
export function diskOf(pid: number, folder: string) {
  const root = join('/proc', String(pid), 'root', folder)
  const filler = join(root, 'filler')
  const remount = (how: string) => {
    const namespace = ['--preserve-credentials', '--user', '--mount', '--target', String(pid)]
    execFileSync('nsenter', [...namespace, 'mount', '-o', `remount,${how}`, folder], { stdio: 'pipe' })
  }
  return {
    root,
    /** To the last byte. */
    fill: () => {
      const file = openSync(filler, 'a')
      try {
        for (let size = 65_536; size >= 1; ) {
          try {
            if (writeSync(file, Buffer.alloc(size)) < size) size /= 2
          } catch (error) {
            if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
            size /= 2
          }
        }
      } finally {
        closeSync(file)
      }
    },
    clear: () => rmSync(filler),
    /** Throws while a file is being written there. */
    makeReadOnly: () => remount('ro'),
    makeWritable: () => remount('rw'),
  }
}
