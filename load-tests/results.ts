/** What was measured: a table for a person, and the same as a file that is checked in. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { isAbsolute, join, relative } from 'node:path'
import Table from 'cli-table3'
import { outputOf } from './program-output.ts'

const root = join(import.meta.dirname, '..')
const folder = join(import.meta.dirname, 'results')

export interface Grid {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What a figure of time was measured on. */
export function thisMachine(): string {
  return `${cpus().length} × ${cpus()[0].model}, Node ${process.version}`
}

export function textOf({ head, rows }: Grid): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } })
  table.push(...rows.map((row) => [...row]))
  return table.toString()
}

export function markdownOf({ head, rows }: Grid): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Writes load-tests/results/<name>.md with what was run, when and where, and gives its path. */
export async function keepResults(name: string, title: string, parts: readonly string[]): Promise<string> {
  const path = join(folder, `${name}.md`)
  // Where things lie on the machine that measured is nobody's business.
  const args = process.argv.slice(2).map((arg) => (isAbsolute(arg) ? 'FOLDER' : arg))
  const command = ['node', relative(root, process.argv[1]), ...args].join(' ')
  const commit = (await outputOf('git', ['-C', root, 'rev-parse', '--short', 'HEAD'])).trim()
  const day = new Date().toISOString().slice(0, 10)
  const how = `\`${command}\` at ${commit}, ${day}, ${availableParallelism()} cores, Node ${process.versions.node}.`
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, `${[`# ${title}`, how, ...parts].join('\n\n')}\n`)
  return relative(root, path)
}
