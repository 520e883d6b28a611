/** The pages that people read: their fenced blocks, and the commands in those. */
import { readdirSync, readFileSync } from 'node:fs'

const root = new URL('../../', import.meta.url)

export const pagePaths: readonly string[] = [
  'README.md',
  ...readdirSync(new URL('docs/', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

interface Block {
  /** What stands behind the fence: `sh`, `yaml`, or '' for what is printed. */
  readonly language: string
  readonly lines: readonly string[]
}

export interface Step {
  readonly page: string
  /** As one types them, one after the other. */
  readonly commands: readonly string[]
  /** The lines of the block that stands next, where that is what is printed. */
  readonly shown: readonly string[]
}

export const pageText = (path: string): string => readFileSync(new URL(path, root), 'utf8')

export function blocksOf(path: string): readonly Block[] {
  return [...pageText(path).matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, body]) => ({
    language,
    lines: body.split('\n').filter((line) => line.trim() !== ''),
  }))
}

/** The first configuration that a page shows; null: it shows none. */
export function configurationIn(path: string): string | null {
  return (
    blocksOf(path)
      .find(({ language }) => language === 'yaml')
      ?.lines.join('\n') ?? null
  )
}

/** Each block of commands, with what the page says that they print. */
export function stepsOf(path: string): readonly Step[] {
  const blocks = blocksOf(path)
  return blocks.flatMap(({ language, lines }, i) => {
    if (language !== 'sh') return []
    const next = blocks[i + 1]
    const shown = next?.language === '' ? next.lines : []
    return [{ page: path, commands: lines.filter((line) => !line.startsWith('#')), shown }]
  })
}

/** Each command line of a page. */
export const commandsOf = (path: string): readonly string[] => stepsOf(path).flatMap(({ commands }) => commands)

/** Commands of Shoal that are named in a sentence, each on one line. */
export const mentionsIn = (path: string): readonly string[] =>
  [
    ...pageText(path)
      .replace(/^```.*?^```$/gms, '')
      .matchAll(/`((?:npm run shoal --|shoal) [^`]+)`/g),
  ].map(([, mention]) => mention.replace(/\s+/g, ' '))
