/** `npm run pictures [NAME]…`: draws the pictures of docs/learning.md and docs/drift.md from the generator's card payments. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pictures } from './pictures/catalogue.ts'

const folder = join(import.meta.dirname, '..', 'docs', 'pictures')
const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !(name in pictures))
if (unknown !== undefined) {
  process.stderr.write(`a picture must be one of ${Object.keys(pictures).join(', ')}: got ${unknown}\n`)
  process.exit(2)
}
await mkdir(folder, { recursive: true })
for (const [name, draw] of Object.entries(pictures)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const svg = await draw()
  await writeFile(join(folder, `${name}.svg`), svg)
  console.log(`docs/pictures/${name}.svg: ${svg.length} bytes`)
}
