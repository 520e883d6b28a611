/**
 * The Python environment in which the other detectors run: made once, in a folder that is not checked in. What they said
 * of a stream is kept there, too: it takes them minutes, and the same stream has the same answer.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf } from '../program-output.ts'
import type { Runner } from '../quality/runner.ts'

const root = join(import.meta.dirname, '..', '..')
const requirements = join(import.meta.dirname, 'requirements.txt')
const program = join(import.meta.dirname, 'peers.py')

/** Where the change lies, and how many rows before it the slow detectors see. */
export interface SeenRows {
  readonly at: number
  readonly until: number
  readonly kswin: number
  readonly evidently: number
}

/** By detector: rows read, and the column. */
type Alarms = Readonly<Record<string, readonly [number, string][]>>

export interface Peers {
  /** A folder for streams as CSV. */
  readonly folder: string
  alarmsIn(path: string, seen: SeenRows): Promise<Alarms>
}

/** Throws when there is no Python, or its packages cannot be had. */
export async function openPeers(runner: Runner, say: (line: string) => void): Promise<Peers> {
  const home = join(root, '.shoal', 'drift-peers')
  const [venv, stamp, folder, kept] = ['venv', 'installed.txt', 'streams', 'alarms'].map((name) => join(home, name))
  const python = join(venv, 'bin', 'python')
  const wanted = readFileSync(requirements, 'utf8')
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    say(`Installing ${wanted.trim().split('\n').join(' and ')} into ${venv} …`)
    rmSync(venv, { recursive: true, force: true })
    await outputOf('python3', ['-m', 'venv', venv])
    await outputOf(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements])
    writeFileSync(stamp, wanted)
  }
  for (const path of [folder, kept]) mkdirSync(path, { recursive: true })
  return {
    folder,
    async alarmsIn(path, { at, until, kswin, evidently }) {
      const args = [at, until, kswin, evidently].map(String)
      const known = join(kept, `${digestOf([readFileSync(path), readFileSync(program), wanted, args.join()])}.json`)
      if (!existsSync(known)) {
        const alarms = await runner.output<Alarms>(python, program, path, ...args)
        writeFileSync(`${known}.new`, JSON.stringify(alarms))
        renameSync(`${known}.new`, known)
      }
      return JSON.parse(readFileSync(known, 'utf8'))
    },
  }
}

function digestOf(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex').slice(0, 32)
}
