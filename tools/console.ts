/**
 * `npm run build:console`: dist-console/, the page that a process serves at `/`. With `--if-changed` only when its sources
 * are not those that it was built of, which whatever needs the page asks for first.
 */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = join(import.meta.dirname, '..')
const sources = join(root, 'console')
const built = join(root, 'dist-console')
const stamp = join(built, '.sources')

const wanted = digestOfSources()
const isBuilt = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
if (!(process.argv.includes('--if-changed') && isBuilt)) await build()

/** Built elsewhere and renamed, so that a build that fails leaves the last good one. */
async function build(): Promise<void> {
  mkdirSync(join(root, '.shoal'), { recursive: true })
  const fresh = mkdtempSync(join(root, '.shoal', 'console-'))
  try {
    const { build: bundle } = await import('vite')
    const { consoleBuild } = await import('../console/vite.config.ts')
    await bundle(consoleBuild(fresh))
    const bytes = filesOf(fresh).reduce((sum, file) => sum + compress(join(fresh, file)), 0)
    writeFileSync(join(fresh, '.sources'), wanted)
    rmSync(built, { recursive: true, force: true })
    renameSync(fresh, built)
    chmodSync(built, 0o755)
    // stdout belongs to whatever asked for the page.
    process.stderr.write(`dist-console/ is built: ${(bytes / 1000).toFixed(1)} kB compressed\n`)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Beside each file its compressed forms, made once instead of with every request. Answers with the bytes of the smaller. */
function compress(file: string): number {
  const bytes = readFileSync(file)
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })
  writeFileSync(`${file}.br`, brotli)
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
  return brotli.length
}

/** What the page is made of: its own files, and the packages as the lock has them. */
function digestOfSources(): string {
  const hash = createHash('sha256')
  for (const file of filesOf(sources)) hash.update(`${file}\0`).update(readFileSync(join(sources, file)))
  for (const file of ['package-lock.json', 'tools/console.ts']) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}
