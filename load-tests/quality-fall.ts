/**
 * Whether a fall of the clusters' quality is told, and only then: clouds that stay as they are, and such as spread slowly.
 * node load-tests/quality-fall.ts [--seed 2] [--events 800000] [--times 6] [--verbose]
 *
 * Clouds spread to so many times between a quarter and three quarters of the events; --times 1: they stay. --verbose: prints
 * each assessment. A run of the defaults takes two minutes.
 */
import { parseArgs } from 'node:util'
import { FoundDrifts } from '../src/cli/backtest/found-drifts.ts'
import { qualityLines } from '../src/cli/quality-text.ts'
import { Random } from '../src/core/kmeans/random.ts'
import { openReplay } from '../tools/replay/open-replay.ts'
import { clouds, pointEvents, pointsOf } from './quality/mixture-stream.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '2' },
    events: { type: 'string', default: '800000' },
    times: { type: 'string', default: '6' },
    verbose: { type: 'boolean', default: false },
  },
})
const [seed, events, times] = [values.seed, values.events, values.times].map(Number)
const d = 6
const fields = Array.from({ length: d }, (_, f) => `f${f}`)
const opened = openReplay({
  input: { format: 'json', time: null },
  features: fields.map((field) => ({ field })),
  clusters: { seed },
})
const drifts = new FoundDrifts(opened.settings.plan)
let [scored, assessed, assessments, worst] = [0, 0, 0, 0]
const facts = await opened.run(spreading(), {
  version({ model }) {
    drifts.note(model, scored)
    const { record, watch } = model.quality
    if (record.version === assessed) return
    assessed = record.version
    assessments++
    if (watch.reference !== null) worst = Math.max(worst, 1 - (record.silhouette ?? 0) / watch.reference.silhouette)
    if (values.verbose) console.log(qualityLines(record).join('\n'))
  },
  scored({ count }) {
    scored += count
  },
})
console.log(`${assessments} assessments; the silhouette was lower than the best by ${worst.toFixed(3)} of it at most`)
console.log(qualityLines(facts.model.quality.record).join('\n'))
for (const { row, kind, message } of drifts.all) console.log(`  row ${row}, ${kind.replace('drift.', '')}: ${message}`)

function spreading() {
  const first = clouds(8, d, seed)
  const now = first.map((cloud) => ({ ...cloud }))
  const draw = pointsOf(now, new Random(seed + 1))
  return pointEvents(events, (number) => {
    const way = Math.min(1, Math.max(0, (2 * number) / events - 0.5))
    for (let i = 0; i < now.length; i++) now[i].spread = first[i].spread * (1 + (times - 1) * way)
    return draw()
  })
}
