/** The oracle of the simulated worlds would see a bug: each of these, made in the product's own source, is found by a seed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inFull } from '../faults/describe-faults.ts'
import { someOf } from '../faults/seeded-choice.ts'
import { SeedWorker } from './crew.ts'
import { foundBy } from './found-by.ts'
import { mutations } from './mutations.ts'

/** So many seeds may a bug go unseen. */
const mostSeeds = 300

/** A seed that finds the bug, the likeliest tried first; null when none does. */
async function seedThatFinds(name: string): Promise<number | null> {
  const worker = new SeedWorker(name)
  try {
    for (const seed of [foundBy[name] ?? 1, ...Array.from({ length: mostSeeds }, (_, i) => i + 1)]) {
      if ((await worker.run(seed)).violation !== null) return seed
    }
    return null
  } finally {
    worker.close()
  }
}

/** Each costs seconds: the short run tries some, others each time. */
const chosen = inFull(mutations, someOf(mutations, 10))

describe('a deliberate bug', () => {
  test('stands where the product has the text that it changes, once', () => {
    for (const { name, edits } of mutations) {
      for (const { file, find } of edits) {
        const source = readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8')
        expect(source.split(find).length - 1, `${name}: ${JSON.stringify(find)} in ${file}`).toBe(1)
      }
    }
  })

  test.each(chosen)('is found, and only there: $name', { timeout: 300_000 }, async ({ name, shape }) => {
    const seed = await seedThatFinds(name)
    expect(seed, `none of ${mostSeeds} seeds found it`).not.toBeNull()
    console.log(`found by seed ${seed}: ${name}`)
    const sound = new SeedWorker()
    expect((await sound.run(seed!, shape)).violation).toBeNull()
    sound.close()
  })
})
