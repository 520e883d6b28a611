/**
 * All that Shoal's speed is made of, in one table. Each part runs the programs of this folder that measure it, one after another.
 * node load-tests/bench.ts [--peers FOLDER] [--only PART]… [--quick] [--json] [--keep], or npm run bench -- the same
 *
 * About 20 minutes on two cores that do nothing else, 27 with `--peers`: beside Kafka Streams, a loop in Java, NumPy and scikit-learn too
 * (FOLDER as for peers.ts; Java, Maven and Python are needed then). `--quick`: few rounds, to see whether it works.
 * `--keep` writes bench.md with charts, bench.json and the page bench.html to results/.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { benchCharts } from './bench/charts.ts'
import { benchPage } from './bench/page.ts'
import { parts } from './bench/parts.ts'
import { benchGrid, type Measured } from './bench/table.ts'
import { keepRun, markdownOf, textOf, thisMachine } from './results.ts'

const { values } = parseArgs({
  options: {
    peers: { type: 'string' },
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
const wanted = values.only ?? parts.map(({ name }) => name)
const unknown = wanted.find((name) => !parts.some((part) => part.name === name))
if (unknown !== undefined) refuse(`--only must be one of ${parts.map(({ name }) => name).join(', ')}: got ${unknown}`)
if (values.peers !== undefined && !existsSync(values.peers))
  refuse(`--peers must be the folder of the others: got ${values.peers}`)
const conditions = { isQuick: values.quick, peers: values.peers === undefined ? null : resolve(values.peers) }
const say = (line: string) => process.stderr.write(`${line}\n`)

const found: Measured[] = []
const failed: string[] = []
for (const { name, title, takes, measure } of parts.filter(({ name }) => wanted.includes(name))) {
  say(`${name}: ${title}${values.quick ? '' : `, ${takes}`}`)
  const startedMs = performance.now()
  try {
    const lines = await measure(conditions)
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    say(`${name}: ${lines.length} figures after ${seconds} s`)
    found.push({ name, title, seconds, lines })
  } catch (error) {
    // The others are not measured in vain.
    failed.push(name)
    say(`${name} failed: ${error instanceof Error ? error.message : String(error)}`)
  }
}
const grid = benchGrid(found)
if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), found }, null, 2)}\n`)
else process.stdout.write(`${thisMachine()}\n${textOf(grid)}\n`)
if (values.keep) {
  const meant =
    'The last column: how many times as fast it is as what it stands beside, by events in a second or by time; both were measured in one run.'
  const kept = await keepRun('bench', 'How fast Shoal is', {
    parts: [meant, markdownOf(grid)],
    pictures: benchCharts(found),
    figures: { found },
    html: (origin) => benchPage(found, origin),
  })
  say(`kept in ${kept}`)
}
process.exitCode = failed.length === 0 ? 0 : 1

function refuse(rule: string): never {
  process.stderr.write(`${rule}\n`)
  process.exit(2)
}
