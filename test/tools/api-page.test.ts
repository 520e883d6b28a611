import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { apiPage, openApiText } from '../../tools/api-page.ts'

const committed = (path: string) => readFileSync(join(import.meta.dirname, '..', '..', path), 'utf8')

test('docs/api.md is what `npm run docs` writes', async () => {
  expect(committed('docs/api.md')).toBe(await apiPage())
})

test('schemas/openapi.json is what `npm run docs` writes', async () => {
  expect(committed('schemas/openapi.json')).toBe(await openApiText())
})
