/** The Python environment in which the other detectors run: made once, in a folder that is not checked in. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf } from '../program-output.ts'

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

export interface Peers {
  /** A folder for streams as CSV. */
  readonly folder: string
  /** Alarms by detector: rows read, and the column. */
  alarmsIn(path: string, seen: SeenRows): Promise<Readonly<Record<string, readonly [number, string][]>>>
}

/** Throws when there is no Python, or its packages cannot be had. */
export async function openPeers(say: (line: string) => void): Promise<Peers> {
  const home = join(root, '.shoal', 'drift-peers')
  const [venv, stamp, folder] = ['venv', 'installed.txt', 'streams'].map((name) => join(home, name))
  const python = join(venv, 'bin', 'python')
  const wanted = readFileSync(requirements, 'utf8')
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    say(`Installing ${wanted.trim().split('\n').join(' and ')} into ${venv} …`)
    rmSync(venv, { recursive: true, force: true })
    await outputOf('python3', ['-m', 'venv', venv])
    await outputOf(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements])
    writeFileSync(stamp, wanted)
  }
  mkdirSync(folder, { recursive: true })
  return {
    folder,
    async alarmsIn(path, { at, until, kswin, evidently }) {
      return JSON.parse(await outputOf(python, [program, path, ...[at, until, kswin, evidently].map(String)]))
    },
  }
}
