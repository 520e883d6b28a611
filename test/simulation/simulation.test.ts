/** The promises of ARCHITECTURE.md in a thousand seeded worlds. What a bug in the product does to them: mutations.test.ts. */
import { describe, expect, test } from 'vitest'
import { runSeeds, SeedWorker } from './crew.ts'
import { summaryOf } from './report.ts'
import type { Verdict } from './run-plan.ts'

const seeds = 1000
const workers = 2

async function reportOf(seed: number): Promise<string> {
  const worker = new SeedWorker()
  try {
    return await worker.report(seed)
  } finally {
    worker.close()
  }
}

describe('simulated worlds', () => {
  test(`keep every promise, in ${seeds} seeds`, { timeout: 600_000 }, async () => {
    const startedMs = performance.now()
    const verdicts: Verdict[] = []
    let given = 0
    const next = () => (given < seeds ? ++given : null)
    await runSeeds(workers, null, next, (verdict) => {
      verdicts.push(verdict)
      return verdict.violation === null
    })
    const broken = verdicts.find(({ violation }) => violation !== null)
    expect(broken === undefined ? 'all promises are kept' : await reportOf(broken.seed)).toBe('all promises are kept')
    const summary = summaryOf(verdicts, performance.now() - startedMs)
    console.log(JSON.stringify(summary))
    expect(summary.seeds).toBe(seeds)
    expect(summary.fenced).toBeGreaterThan(0)
    expect(summary.reactions).toBeGreaterThan(0)
    expect(summary.obeyed).toBeGreaterThan(0)
    expect(summary.handOvers).toBeGreaterThan(0)
  })

  test('are the same to the byte for the same seed, in whatever process and order', { timeout: 120_000 }, async () => {
    const some = [1, 2, 3, 11, 26, 53, 107]
    const checksums = async (order: readonly number[]) => {
      const worker = new SeedWorker()
      const found = new Map<number, string>()
      for (const seed of order) found.set(seed, (await worker.run(seed)).checksum)
      worker.close()
      return some.map((seed) => found.get(seed))
    }
    const once = await checksums(some)
    expect(await checksums(some.toReversed())).toEqual(once)
    expect(new Set(once).size).toBe(some.length)
  })

  test('are the same with the snapshots in real files, which take their time', { timeout: 120_000 }, async () => {
    const worker = new SeedWorker()
    const files = { store: 'files' } as const
    const once = await worker.run(7, files)
    expect(once.violation).toBeNull()
    expect((await worker.run(7, files)).checksum).toBe(once.checksum)
    worker.close()
  })
})
