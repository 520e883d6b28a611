/**
 * Whether the time of an answer tells tokens apart: the first and the last of a thousand that are known, one that shares its
 * beginning with a known one, and one that is nobody's, in turns in one run.
 * node load-tests/token-timing.ts [--rounds 20000] [--json]
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { TokenFile } from '../src/http/access/token-file.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { hashOfToken } from '../src/runtime/configuration/token-list.ts'
import { textOf, thisMachine } from './results.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20000' }, json: { type: 'boolean', default: false } },
})
const rounds = Number(values.rounds)
const known = Array.from({ length: 1000 }, () => randomBytes(32).toString('base64url'))
const folder = mkdtempSync(join(tmpdir(), 'shoal-tokens-'))
const path = join(folder, 'tokens.yaml')
const entries = known.map(
  (token, i) => `  - { name: t${i}, role: read, sha256: ${hashOfToken(token).toString('hex')} }`,
)
writeFileSync(path, `tokens:\n${entries.join('\n')}\n`)
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const file = new TokenFile(path, { ...systemClock, now: () => 0 }, silent)
const asked = {
  'the first that is known': known[0],
  'the last that is known': known[999],
  'a known one, its last character changed': `${known[0].slice(0, -1)}${known[0].endsWith('A') ? 'B' : 'A'}`,
  "nobody's": randomBytes(32).toString('base64url'),
}
const names = Object.keys(asked) as (keyof typeof asked)[]
const tookUs = new Map(names.map((name) => [name, new Float64Array(rounds)]))
for (let round = -1000; round < rounds; round++) {
  // The order changes, so that none always comes after the same.
  for (let i = 0; i < names.length; i++) {
    const name = names[(i + Math.abs(round)) % names.length]
    const startedMs = performance.now()
    await file.client(asked[name])
    if (round >= 0) tookUs.get(name)![round] = 1000 * (performance.now() - startedMs)
  }
}
rmSync(folder, { recursive: true })
const figures = names.map((name) => ({ name, ...figuresOf(tookUs.get(name)!) }))
const base = figures[3]
if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), rounds, figures }, null, 2)}\n`)
else {
  const rows = figures.map(({ name, medianUs, lowUs, highUs }) => [
    name,
    `${medianUs.toFixed(2)} µs`,
    `${lowUs.toFixed(2)} to ${highUs.toFixed(2)} µs`,
    (medianUs / base.medianUs).toFixed(4),
  ])
  const head = ['token', 'median', 'middle half', "over nobody's"]
  process.stdout.write(`${thisMachine()}, ${rounds} rounds\n${textOf({ head, rows })}\n`)
}

function figuresOf(took: Float64Array) {
  const sorted = took.toSorted()
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]
  return { medianUs: at(0.5), lowUs: at(0.25), highUs: at(0.75) }
}
