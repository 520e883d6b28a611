/**
 * The acceptance of clusters and scores: `shoal backtest` over a folder of labelled streams, a table for each line.
 * node load-tests/quality.ts FOLDER [--only anomaly|raw|clusters|drift|ids|calibration|k|partitions]… [--seeds N, 3]
 *   [--rows N] [--quick] [--json]
 *
 * --quick: seed 0 and the first 50,000 rows of each stream: where things stand, in minutes. Exit code 1 when a line fails.
 */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { anomalies } from './quality/anomalies.ts'
import { automaticK } from './quality/automatic-k.ts'
import { calibration } from './quality/calibration.ts'
import { clusters } from './quality/clusters.ts'
import { drift } from './quality/drift.ts'
import { ids } from './quality/ids.ts'
import type { Line, Verdict } from './quality/line.ts'
import { partitions } from './quality/partitions.ts'
import { runProgress } from './quality/progress.ts'
import { rawFraud } from './quality/raw-fraud.ts'
import { Runner } from './quality/runner.ts'

const quickRows = 50_000

const lines: readonly Line[] = [anomalies, rawFraud, clusters, drift, ids, calibration, automaticK, partitions]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', multiple: true },
    seeds: { type: 'string', default: '3' },
    rows: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const [folder] = positionals
const wanted = values.only ?? lines.map(({ name }) => name)
const unknown = wanted.find((name) => !lines.some((line) => line.name === name))
if (folder === undefined || !existsSync(folder) || unknown !== undefined) {
  const rule =
    unknown === undefined
      ? `the first argument must be the folder of the labelled streams: got ${folder ?? 'nothing'}`
      : `--only must be one of ${lines.map(({ name }) => name).join(', ')}: got ${unknown}`
  process.stderr.write(`${rule}\n`)
  process.exit(2)
}

const seeds = Array.from({ length: values.quick ? 1 : Number(values.seeds) }, (_, seed) => seed)
const rows = values.rows === undefined ? (values.quick ? quickRows : null) : Number(values.rows)
const progress = runProgress()
const runner = new Runner({ folder, rows, onChange: (done, all, run) => progress.update(done, all, run) })
const judging = lines.filter(({ name }) => wanted.includes(name)).map((line) => ({ line, verdict: judged(line) }))
const found: (Pick<Line, 'number' | 'name' | 'title'> & Verdict)[] = []
for (const { line, verdict } of judging) {
  const { number, name, title } = line
  found.push({ number, name, title, ...(await verdict) })
  if (!values.json) progress.print(tableOf(line, await verdict))
}
progress.stop()
if (values.json) process.stdout.write(`${JSON.stringify({ seeds, rows, lines: found }, null, 2)}\n`)
process.exitCode = found.some(({ passed }) => passed === false) ? 1 : 0

/** A run that fails fails its line, not the others. */
async function judged(line: Line): Promise<Verdict> {
  try {
    return await line.judge(runner, seeds)
  } catch (error) {
    const summary = error instanceof Error ? error.message : String(error)
    return { passed: false, threshold: '', head: [], rows: [], summary }
  }
}

function tableOf({ number, title }: Line, { passed, threshold, head, rows: body, summary }: Verdict): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } })
  for (const row of body) table.push([...row])
  const outcome = passed === null ? 'NOT RUN' : passed ? 'PASS' : 'FAIL'
  return [
    `\n${number}. ${title}`,
    `   ${threshold}`,
    ...(body.length > 0 ? [table.toString()] : []),
    `${outcome}: ${summary}`,
  ].join('\n')
}
