/**
 * `npm run pictures [NAME]… [-- --data FOLDER]`: draws the pictures of docs/learning.md and docs/drift.md from the generator's
 * card payments, and, where the folder of the labelled streams is given, those of these.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pictures } from './pictures/catalogue.ts'
import { streamPictures } from './pictures/drift-streams.ts'

const folder = join(import.meta.dirname, '..', 'docs', 'pictures')
const { values, positionals: wanted } = parseArgs({ allowPositionals: true, options: { data: { type: 'string' } } })
const { data } = values
const known: Readonly<Record<string, () => Promise<string>>> = {
  ...pictures,
  ...(data === undefined
    ? {}
    : Object.fromEntries(Object.entries(streamPictures).map(([name, draw]) => [name, () => draw(data)]))),
}
const unknown = wanted.find((name) => !(name in known))
if (unknown !== undefined) {
  const why = unknown in streamPictures ? ' with --data FOLDER' : ''
  process.stderr.write(`a picture must be one of ${Object.keys(known).join(', ')}${why}: got ${unknown}\n`)
  process.exit(2)
}
await mkdir(folder, { recursive: true })
for (const [name, draw] of Object.entries(known)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const svg = await draw()
  await writeFile(join(folder, `${name}.svg`), svg)
  console.log(`docs/pictures/${name}.svg: ${svg.length} bytes`)
}
