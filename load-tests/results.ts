/** What was measured: a table for a person, and the same as a file that is checked in. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
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

/** What was run, when and where, as a file that is checked in says it. */
export interface Origin {
  readonly command: string
  readonly commit: string
  readonly day: string
  readonly machine: {
    readonly processor: string
    readonly cores: number
    readonly memoryGb: number
    readonly system: string
    readonly node: string
  }
}

async function originOf(): Promise<Origin> {
  // Where things lie on the machine that measured is nobody's business.
  const args = process.argv.slice(2).map((arg) => (isAbsolute(arg) ? 'FOLDER' : arg))
  return {
    command: ['node', relative(root, process.argv[1]), ...args].join(' '),
    commit: (await outputOf('git', ['-C', root, 'rev-parse', '--short', 'HEAD'])).trim(),
    day: new Date().toISOString().slice(0, 10),
    machine: {
      processor: cpus()[0].model,
      cores: availableParallelism(),
      memoryGb: Math.round(totalmem() / 1e9),
      system: `${type()} ${release()}`,
      node: process.versions.node,
    },
  }
}

function howOf({ command, commit, day, machine }: Origin): string {
  return `\`${command}\` at ${commit}, ${day}, ${machine.cores} cores, Node ${machine.node}.`
}

/** Writes load-tests/results/<name>.md with what was run, when and where, and gives its path. */
export async function keepResults(name: string, title: string, parts: readonly string[]): Promise<string> {
  const path = join(folder, `${name}.md`)
  const how = howOf(await originOf())
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, `${[`# ${title}`, how, ...parts].join('\n\n')}\n`)
  return relative(root, path)
}

export interface Picture {
  /** A word or two: what its file is called after the name of the results. */
  readonly name: string
  readonly description: string
  readonly svg: string
}

/** A page in HTML is not kept from this size on. */
const mostHtmlBytes = 300_000

/**
 * Writes, beside the page, its pictures, which it ends with, and all figures with the machine's description as JSON; `html` makes
 * the same page for a browser, of what was run, when and where.
 */
export async function keepRun(
  name: string,
  title: string,
  {
    parts,
    pictures,
    figures,
    html,
  }: {
    readonly parts: readonly string[]
    readonly pictures: readonly Picture[]
    readonly figures: object
    readonly html?: (origin: string) => string
  },
): Promise<string> {
  const origin = await originOf()
  const { processor, cores, memoryGb, system } = origin.machine
  const on = `On ${cores} × ${processor}, ${memoryGb} GB, ${system}.`
  const page = html?.(`${howOf(origin)} ${on}`)
  if (page !== undefined && page.length > mostHtmlBytes)
    throw new Error(`a page must be smaller than ${mostHtmlBytes} bytes: it has ${page.length}`)
  const files = page === undefined ? '' : ` As one page: [${name}.html](${name}.html).`
  const where = `${on} Figures: [${name}.json](${name}.json).${files}`
  const shown = pictures.map((picture) => `![${picture.description}](${name}-${picture.name}.svg)`)
  const path = await keepResults(name, title, [where, ...parts, ...shown])
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ ...origin, ...figures }, null, 2)}\n`)
  if (page !== undefined) writeFileSync(join(folder, `${name}.html`), page)
  for (const picture of pictures) writeFileSync(join(folder, `${name}-${picture.name}.svg`), picture.svg)
  return path
}
