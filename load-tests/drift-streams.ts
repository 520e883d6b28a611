/**
 * What is told of drift in labelled streams, for a person to judge.
 * node load-tests/drift-streams.ts FOLDER [--only NAME]… [--set KEY=VALUE]… [--json]
 */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { toldOf } from './drift/told.ts'
import { driftStreams, streams } from './quality/protocol.ts'
import { Runner } from './quality/runner.ts'

const alsoMoving = ['kdd99_sa']

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
  for (const { at, message } of drifts.list.map(toldOf)) process.stdout.write(`  ${at}: ${message}\n`)
}
if (values.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
