/**
 * What grows with clusters, columns and partitions, far beyond one machine: sizes of updates, versions and snapshots, the time to
 * score, to fold, to write and to read them, and memory. The real stage, fold and codecs on events of load-tests/throughput, each size in
 * a process of its own; the log is not there.
 * node load-tests/sizing.ts [--sizes 8:16:4,8:256:64,8:1024:1000,8:10000:1000,32:1024:1000,32:10000:1000] [--seconds 20] [--keep] [--json]
 *
 * A size is columns:clusters:partitions. A model of so many clusters is made around events that are drawn, as a birth would make it
 * around the best places; events fall to all of them. Updates are those of transactions of 10,000 events over all partitions.
 */
import { parseArgs } from 'node:util'
import { outputOf } from './program-output.ts'
import { type Grid, keepRun, markdownOf, textOf, thisMachine } from './results.ts'
import { limitsOf } from './sizing/limits.ts'
import { measureSize, type Sized } from './sizing/one-size.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '8:16:4,8:256:64,8:1024:1000,8:10000:1000,32:1024:1000,32:10000:1000' },
    seconds: { type: 'string', default: '20' },
    /** In the process of one size. */
    one: { type: 'string' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const say = (line: string) => process.stderr.write(`${line}\n`)

if (values.one === undefined) await measureAll()
else process.stdout.write(JSON.stringify(measureSize(...partsOf(values.one), 1000 * Number(values.seconds))))

function partsOf(size: string): [columns: number, clusters: number, partitions: number] {
  const [columns, clusters, partitions] = size.split(':').map(Number)
  return [columns, clusters, partitions]
}

async function measureAll(): Promise<void> {
  const found: Sized[] = []
  for (const size of values.sizes.split(',')) {
    const args = [process.argv[1], '--one', size, '--seconds', values.seconds]
    const sized: Sized = JSON.parse(await outputOf(process.execPath, args))
    say(
      `${size}: version ${megabytes(sized.versionBytes)} MB, fold ${sized.foldMs.toFixed(1)} ms, upkeep ${upkeepText(sized)}, ${sized.updates} updates`,
    )
    found.push(sized)
  }
  const grids = [sizesGrid(found), timesGrid(found), limitsGrid(found)]
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), found }, null, 2)}\n`)
  else process.stdout.write(`${thisMachine()}\n${grids.map(textOf).join('\n')}\n`)
  if (!values.keep) return
  const parts = [
    'Of the records of one transaction of 10,000 events, and of one version:',
    markdownOf(grids[0]),
    'Processor times of one thread, the mean of all rounds, and the memory of one process that has a scorer, a model that it folds into, and a version being written and read:',
    markdownOf(grids[1]),
    'What follows (computed, not measured): the most that one trainer folds, if transactions are of 10,000 events; what every process reads each second ' +
      'if a version is published each second; the largest number of clusters whose version fits a record of `models`.',
    markdownOf(grids[2]),
  ]
  say(
    `kept in ${await keepRun('sizing', 'What grows with clusters, columns and partitions', { parts, pictures: [], figures: { found } })}`,
  )
}

function sizesGrid(found: readonly Sized[]): Grid {
  return {
    head: [
      'columns',
      'clusters',
      'partitions',
      'clusters in an update',
      'update kB',
      'of 500 events, kB',
      'of it offsets, kB',
      'version MB',
      'snapshot with summary, MB',
    ],
    rows: found.map((sized) => [
      ...fixedOf(sized),
      String(sized.touched),
      (sized.updateBytes / 1e3).toFixed(0),
      (sized.smallUpdateBytes / 1e3).toFixed(0),
      (sized.rangeBytes / 1e3).toFixed(1),
      megabytes(sized.versionBytes),
      megabytes(sized.versionBytes + sized.summaryBytes),
    ]),
  }
}

function timesGrid(found: readonly Sized[]): Grid {
  return {
    head: [
      'columns',
      'clusters',
      'partitions',
      'score µs/event',
      'fold an update ms',
      'a step of upkeep',
      'sampled rows of a cluster',
      'write version ms',
      'read it ms',
      'make a scorer ms',
      'process MB',
    ],
    rows: found.map((sized) => [
      ...fixedOf(sized),
      sized.scoreUs.toFixed(2),
      sized.foldMs.toFixed(2),
      upkeepText(sized),
      sized.rowsPerCluster.toFixed(1),
      sized.encodeMs.toFixed(1),
      sized.decodeMs.toFixed(1),
      sized.freezeMs.toFixed(1),
      sized.residentMb.toFixed(0),
    ]),
  }
}

function limitsGrid(found: readonly Sized[]): Grid {
  return {
    head: [
      'columns',
      'clusters',
      'partitions',
      'events a second of one trainer',
      'MB/s of versions to a process',
      'versions/s at a tenth of the time',
      'clusters that fit',
    ],
    rows: found.map((sized) => {
      const { eventsPerSecond, versionMbPerSecond, versionsPerSecond, mostClusters } = limitsOf(sized)
      const whole = (value: number) => Math.round(value).toLocaleString('en-US')
      return [
        ...fixedOf(sized),
        whole(eventsPerSecond),
        versionMbPerSecond.toFixed(1),
        versionsPerSecond.toFixed(1),
        mostClusters === null ? '' : whole(mostClusters),
      ]
    }),
  }
}

function fixedOf({ columns, clusters, partitions }: Sized): readonly string[] {
  return [columns, clusters, partitions].map((value) => value.toLocaleString('en-US'))
}

function upkeepText({ upkeepMs }: Sized): string {
  return upkeepMs === null
    ? 'not ended'
    : upkeepMs < 1000
      ? `${upkeepMs.toFixed(0)} ms`
      : `${(upkeepMs / 1000).toFixed(1)} s`
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2)
}
