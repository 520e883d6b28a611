/**
 * What is told of drift in labelled streams, for a person to judge.
 * node load-tests/drift-streams.ts FOLDER [--only NAME]… [--set KEY=VALUE]… [--json]
 */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { FoundDrift } from '../src/cli/backtest/found-drifts.ts'
import { driftStreams, streams } from './quality/protocol.ts'
import { Runner } from './quality/runner.ts'

const alsoMoving = ['kdd99_sa']
const mostNamed = 3

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', multiple: true },
    set: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
  },
})
const [folder] = positionals
if (folder === undefined || !existsSync(folder)) {
  process.stderr.write(`the first argument must be the folder of the labelled streams: got ${folder ?? 'nothing'}\n`)
  process.exit(2)
}
const runner = new Runner({ folder, rows: null, onChange: () => undefined })
const names = values.only ?? [...driftStreams.map(({ name }) => name), ...alsoMoving]
const wanted = streams.filter((stream) => names.includes(stream.name) && runner.has(stream))
const found = []
for (const stream of wanted) {
  const { rows, drifts, inertia } = await runner.backtest(stream, ...values.set.flatMap((each) => ['--set', each]))
  found.push({ name: stream.name, rows, ratioToRefit: inertia.windows.ratio, drifts })
  if (values.json) continue
  const ratio = inertia.windows.ratio?.toFixed(3) ?? '–'
  process.stdout.write(`${stream.name}: ${rows} rows, inertia over a refit's ${ratio}, ${drifts.count} findings\n`)
  for (const drift of drifts.list) process.stdout.write(`  ${line(drift)}\n`)
}
if (values.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)

function line({ row, kind, test, features, clusters, message, accepted }: FoundDrift): string {
  const figures =
    test === null ? '' : `${test.detector} ${test.statistic.toPrecision(3)} over ${test.threshold.toPrecision(3)}`
  const moved = features.slice(0, mostNamed).map(({ name, distance }) => `${name} ${distance.toFixed(2)}`)
  const shares = clusters
    .slice(0, mostNamed)
    .map(({ id, before, after }) => `${id}: ${before?.toFixed(3) ?? '–'} to ${after?.toFixed(3) ?? '–'}`)
  return [
    `${row} ${kind.replace('drift.', '')}${accepted === null ? '' : accepted ? ' (accepted)' : ' (as before)'}`,
    figures,
    moved.join(', '),
    shares.join(', '),
    message,
  ]
    .filter((part) => part !== '')
    .join(' | ')
}
