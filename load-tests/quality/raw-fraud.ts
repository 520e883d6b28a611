import { fileURLToPath } from 'node:url'
import { type Line, mean, notRun, shown, type Verdict } from './line.ts'
import { anomalyStreams } from './protocol.ts'

const configuration = fileURLToPath(new URL('raw-fraud.yaml', import.meta.url))
/** What was asked for; why it cannot be had without labels, and what can: ARCHITECTURE.md, "Decisions". */
const leastAveragePrecision = 0.4
const name = 'fraudsim_jul'
const rawFields = ['meta_time', 'meta_customer', 'meta_terminal', 'tx_amount']

export const rawFraud: Line = {
  number: 2,
  name: 'raw',
  title: `Fraud from raw fields (${rawFields.join(', ')}) with profile features`,
  async judge(runner, seeds): Promise<Verdict> {
    const threshold = `AP at least ${leastAveragePrecision}`
    const stream = anomalyStreams.find((each) => each.name === name && runner.has(each))
    if (stream === undefined) return notRun(threshold, `there is no ${name} in the folder`)
    // Its features are those of the configuration alone; the profiles' fields must be in the events.
    const unnamed = { ...stream, ignore: ['meta_scenario', 'cust_*', 'term_*', 'tx_during_*'] }
    const flags = ['--config', configuration, '--key', 'meta_customer']
    const runs = await runner.backtests(unnamed, seeds, ...flags)
    const precision = mean(runs.map(({ averagePrecision }) => averagePrecision ?? Number.NaN))
    return {
      passed: precision >= leastAveragePrecision,
      threshold,
      head: ['seed', 'AUC', 'AP', 'published AP', 'k = 1 AP', 'nearest AP'],
      rows: runs.map(({ auc, averagePrecision, calibrated, baseline, nearest }, i) => [
        String(seeds[i]),
        ...[auc, averagePrecision, calibrated.averagePrecision, baseline.averagePrecision].map((of) => shown(of)),
        shown(nearest.averagePrecision),
      ]),
      summary: `AP ${shown(precision)}`,
    }
  },
}
