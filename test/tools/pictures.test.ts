import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pictures } from '../../tools/pictures/catalogue.ts'
import { streamPictures } from '../../tools/pictures/drift-streams.ts'

const folder = join(import.meta.dirname, '..', '..', 'docs', 'pictures')

test('the cheapest of the pictures is, byte for byte, what `npm run pictures` draws', async () => {
  expect(await pictures['choose-k']()).toBe(readFileSync(join(folder, 'choose-k.svg'), 'utf8'))
})

test('docs/pictures holds what `npm run pictures` draws, each below 60 kB, and the console as it looked', () => {
  const files = readdirSync(folder)
  const drawn = [...Object.keys(pictures), ...Object.keys(streamPictures)].map((name) => `${name}.svg`)
  expect(files.filter((file) => !/^console-\w+\.png$/.test(file)).sort()).toEqual(drawn.sort())
  const most = (file: string) => (file.endsWith('.png') ? 200_000 : 60_000)
  for (const file of files) expect(readFileSync(join(folder, file)).length, file).toBeLessThan(most(file))
})
