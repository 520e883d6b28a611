/** `npm run docs`: writes the pages that are made from the catalogues. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorsPage, metricsPage } from './catalogues.ts'

const folder = join(import.meta.dirname, '..', 'docs')
await mkdir(folder, { recursive: true })
for (const [name, page] of [
  ['errors.md', errorsPage()],
  ['metrics.md', metricsPage()],
] as const) {
  await writeFile(join(folder, name), page)
  console.log(`docs/${name}`)
}
