import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pictures } from '../../tools/pictures/catalogue.ts'
import { streamPictures } from '../../tools/pictures/drift-streams.ts'

const folder = join(import.meta.dirname, '..', '..', 'docs', 'pictures')

test('the cheapest of the pictures is, byte for byte, what `npm run pictures` draws', async () => {
  expect(await pictures['choose-k']()).toBe(readFileSync(join(folder, 'choose-k.svg'), 'utf8'))
})

test('docs/pictures holds what `npm run pictures` draws, each below 60 kB, and nothing else', () => {
  const files = readdirSync(folder)
  expect(files.sort()).toEqual(
    [...Object.keys(pictures), ...Object.keys(streamPictures)].map((name) => `${name}.svg`).sort(),
  )
  for (const file of files) expect(readFileSync(join(folder, file)).length, file).toBeLessThan(60_000)
})
