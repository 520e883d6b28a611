/** `npm run docs`: writes the pages and the schema that are made from the sources. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { configurationJsonSchema } from '../src/runtime/configuration/json-schema.ts'
import { configurationPage } from '../src/runtime/configuration/reference.ts'
import { apiPage, openApiText } from './api-page.ts'
import { errorsPage, metricsPage } from './catalogues.ts'
import { dependenciesPage } from './dependencies/page.ts'

const root = join(import.meta.dirname, '..')
await mkdir(join(root, 'docs'), { recursive: true })
for (const [path, page] of [
  ['docs/errors.md', errorsPage()],
  ['docs/metrics.md', metricsPage()],
  ['docs/configuration.md', configurationPage()],
  ['docs/api.md', await apiPage()],
  ['docs/dependencies.md', dependenciesPage()],
  ['schemas/openapi.json', await openApiText()],
  ['schemas/configuration.schema.json', configurationJsonSchema()],
] as const) {
  await writeFile(join(root, path), page)
  console.log(path)
}
