/** Some rounds of the fuzzer, from seeds that are others each time; and that it finds what it is there to find. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ownEnvironment } from '../own-environment.ts'
import { mutants } from './mutants.ts'
import { fuzzRound, type RoundFacts } from './round.ts'

/** About ten seconds on a quiet machine; on a busy one it ends earlier, and says what it has done. */
const rounds = 100
const mostMs = 15_000

test('no record makes the score stage stumble, has two outcomes or none, or makes a number that is not finite', ({
  annotate,
}) => {
  const facts: RoundFacts = { records: 0, bytes: 0, outcomes: new Map() }
  fc.assert(
    fc.property(fc.nat(), (seed) => fuzzRound(seed, facts)),
    { numRuns: rounds, endOnFailure: true, interruptAfterTimeLimit: mostMs },
  )
  const outcomes = [...facts.outcomes].map(([outcome, count]) => `${outcome} ${count}`)
  void annotate(`${facts.records} records, ${Math.round(facts.bytes / 1e3)} kB: ${outcomes.join(', ')}`)
  expect(facts.records).toBeGreaterThan(0)
}, 120_000)

test('a seed is a round: the same outcomes each time', () => {
  const outcomes = [7, 7].map((seed) => {
    const facts: RoundFacts = { records: 0, bytes: 0, outcomes: new Map() }
    fuzzRound(seed, facts)
    return [...facts.outcomes]
  })
  expect(outcomes[1]).toEqual(outcomes[0])
})

describe('the fuzzer finds within 100 rounds that', () => {
  test.each(Object.keys(mutants))(
    '%s',
    async (name) => {
      const file = (path: string) => join(import.meta.dirname, path)
      const child = spawn(
        process.execPath,
        ['--import', file('mutate.ts'), file('main.ts'), '--rounds', '100', '--seed', '1'],
        { env: ownEnvironment({ FUZZ_MUTANT: name }) },
      )
      let said = ''
      child.stderr.on('data', (chunk) => {
        said += chunk
      })
      const [code] = await once(child, 'close')
      expect(said).toMatch(/^found with seed \d+: /m)
      expect(code).toBe(1)
    },
    120_000,
  )
})
