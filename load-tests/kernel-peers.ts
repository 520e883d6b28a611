/**
 * Rows a second that are assigned, scored and learned from in batches of 1,000, in memory on one thread, without a log and without
 * decoding: Shoal beside a plain loop in Java, NumPy and scikit-learn, in turns in one run.
 * node load-tests/kernel-peers.ts FOLDER [--rounds 5] [--seconds 1] [--scratch FOLDER] [--json]
 *
 * FOLDER as for peers.ts: inproc.py and KM in it are the others. Their job is mini-batch k-means with running scales, and a score by a
 * running quantile. Of Shoal there are three: the nearest cluster alone; the others' job, with Shoal's loops; and all that its stages
 * do with a row (the mixture, rarity, statistics for upkeep and for drift, the fold of every 10,000; upkeep itself is beside the
 * work, and not in it). Two to four minutes; needs Java, Maven and Python.
 */
import { parseArgs } from 'node:util'
import { batch, learningLoops } from './kernel/learning-loops.ts'
import { kafkaStreams, openScratch, python, scikitLearn, usualScratch } from './peers/scratch.ts'
import { textOf, thisMachine } from './results.ts'
import { type Spread, spreadOf } from './spread.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    scratch: { type: 'string', default: usualScratch },
    json: { type: 'boolean', default: false },
  },
})
if (positionals.length !== 1) throw new Error('kernel-peers takes one folder, that of the others: see peers.ts')
const [rounds, seconds] = [values.rounds, values.seconds].map(Number)
const shapes = [
  { d: 8, k: 16 },
  { d: 16, k: 64 },
  { d: 64, k: 256 },
]
const say = (line: string) => process.stderr.write(`${line}\n`)
const { shell } = await openScratch(positionals[0], values.scratch, [python, scikitLearn, kafkaStreams], say)

type Rates = Readonly<Record<string, readonly number[]>>

/** Of one shape: rows a second, and of each way of Shoal's how many times as many as each of the others in the same round. */
export interface LearningFigures {
  readonly d: number
  readonly k: number
  readonly rowsPerSecond: Readonly<Record<string, Spread>>
  readonly ratios: readonly { readonly ours: string; readonly theirs: string; readonly ratio: Spread }[]
}

const own = {
  nearest: 'Shoal, the nearest alone',
  bare: 'Shoal, the same job',
  whole: 'Shoal, all of it',
} as const
const others = ['Java loop', 'NumPy', 'scikit-learn']
const found: LearningFigures[] = []
for (const { d, k } of shapes) found.push(figuresOf(d, k, await measure(d, k)))
if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), rounds, found }, null, 2)}\n`)
else report()

async function measure(d: number, k: number): Promise<Rates> {
  const loops = learningLoops(d, k)
  const contenders: Readonly<Record<string, () => number | Promise<number>>> = {
    [own.nearest]: () => rowsPerSecond(loops.nearest),
    [own.bare]: () => rowsPerSecond(loops.bare),
    [own.whole]: () => rowsPerSecond(loops.whole),
    'Java loop': () => printed(`java -cp jvm/classes KM ${d} ${k} ${seconds}`),
    NumPy: () => printed(`venv/bin/python inproc.py numpy ${d} ${k} ${batch} ${seconds}`),
    'scikit-learn': () => printed(`venv/bin/python inproc.py sklearn ${d} ${k} ${batch} ${seconds}`),
  }
  // To compile them.
  for (const loop of Object.values(loops)) rowsPerSecond(loop)
  const rates: Record<string, number[]> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      rates[name] ??= []
      rates[name].push(await run())
    }
  }
  say(`d ${d}, k ${k}: done`)
  return rates
}

function rowsPerSecond(loop: () => number): number {
  const startedMs = performance.now()
  let [rows, elapsedMs] = [0, 0]
  while (elapsedMs < 1000 * seconds) {
    rows += loop()
    elapsedMs = performance.now() - startedMs
  }
  return (1000 * rows) / elapsedMs
}

async function printed(command: string): Promise<number> {
  const text = await shell(command)
  const [, rows] = /rows\/s=(\d+)/.exec(text) ?? []
  if (rows === undefined) throw new Error(`${command} must print rows/s: it printed ${text.trim()}`)
  return Number(rows)
}

function figuresOf(d: number, k: number, rates: Rates): LearningFigures {
  return {
    ...{ d, k },
    rowsPerSecond: Object.fromEntries(Object.entries(rates).map(([name, of]) => [name, spreadOf(of, 0)])),
    ratios: Object.values(own).flatMap((ours) =>
      others.map((theirs) => {
        const ratios = rates[ours].map((rate, i) => rate / rates[theirs][i])
        return { ours, theirs, ratio: spreadOf(ratios, 2) }
      }),
    ),
  }
}

function report(): void {
  const shown = (value: number) => value.toLocaleString('en-US')
  const text = ({ median, least, most }: Spread) => `${shown(median)} (${shown(least)} to ${shown(most)})`
  const rows = found.flatMap(({ d, k, rowsPerSecond: rates, ratios }) =>
    Object.entries(rates).map(([name, rate], i) => [
      i === 0 ? `d ${d}, k ${k}` : '',
      name,
      text(rate),
      ...Object.values(own).map((ours) => {
        const ratio = ratios.find((each) => each.ours === ours && each.theirs === name)?.ratio
        return ratio === undefined ? '' : text(ratio)
      }),
    ]),
  )
  const head = ['', '', 'rows a second', ...Object.values(own).map((ours) => `${ours}: times as many`)]
  process.stdout.write(`${thisMachine()}; medians (least to most) of ${rounds} rounds\n${textOf({ head, rows })}\n`)
}
