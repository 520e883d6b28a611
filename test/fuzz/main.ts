/**
 * `npm run fuzz -- --for 10m --seed N`: rounds of random pipelines and records, each a function of its seed, until the time
 * is up or the oracle has found something. `--rounds 1 --seed N` runs one again.
 */
import { parseArgs } from 'node:util'
import { Finding, fuzzRound, type RoundFacts } from './round.ts'

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 }
const sayEveryMs = 5_000

const { values } = parseArgs({
  options: { for: { type: 'string' }, rounds: { type: 'string' }, seed: { type: 'string', default: '1' } },
})
const seed = Number(values.seed)
const rounds = values.rounds === undefined ? Number.POSITIVE_INFINITY : Number(values.rounds)
const [, amount, unit] = /^(\d+)([smh])$/.exec(values.for ?? (values.rounds === undefined ? '1m' : '24h')) ?? []
if (!Number.isSafeInteger(seed) || Number.isNaN(rounds) || amount === undefined) {
  console.error('usage: npm run fuzz -- [--for 30s|10m|2h] [--rounds N] [--seed N]')
  process.exit(2)
}
const startedMs = performance.now()
const endMs = startedMs + Number(amount) * units[unit]
const facts: RoundFacts = { records: 0, bytes: 0, outcomes: new Map() }
let sayMs = startedMs + sayEveryMs
let done = 0

function say(): void {
  const seconds = (performance.now() - startedMs) / 1000
  const outcomes = [...facts.outcomes].sort((a, b) => b[1] - a[1]).map(([outcome, count]) => `${outcome} ${count}`)
  const rate = Math.round(facts.records / seconds)
  console.log(
    `${seconds.toFixed(0)} s: ${done} rounds from seed ${seed}, ${facts.records} records, ${(facts.bytes / 1e6).toFixed(1)} MB, ${rate} records/s: ${outcomes.join(', ')}`,
  )
}

try {
  for (; done < rounds && performance.now() < endMs; done++) {
    fuzzRound(seed + done, facts)
    if (performance.now() < sayMs) continue
    say()
    sayMs = performance.now() + sayEveryMs
  }
  say()
} catch (error) {
  if (!(error instanceof Finding)) throw error
  console.error(`found with seed ${error.seed}: ${error.message}`)
  if (error.record !== null)
    console.error(`the record (${error.record.length} bytes): ${error.record.toString('hex', 0, 400)}`)
  console.error(`again: npm run fuzz -- --rounds 1 --seed ${error.seed}`)
  process.exitCode = 1
}
