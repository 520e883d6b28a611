import { fileURLToPath } from 'node:url'
import { type Line, shown, type Verdict } from './line.ts'
import type { StableIds } from './stable-ids.ts'

const program = fileURLToPath(new URL('stable-ids.ts', import.meta.url))
const mostChanged = 0.005
const events = 5_000_000
/** Of a run that was asked to be short. */
const fewerEvents = 500_000

export const ids: Line = {
  number: 5,
  name: 'ids',
  title: 'Ids on a stationary stream',
  async judge(runner): Promise<Verdict> {
    const count = runner.isShort ? fewerEvents : events
    const every = count / 5
    const args = ['--events', String(count), '--every', String(every)]
    const { changedShares, changedIds } = await runner.program<StableIds>(program, ...args)
    const worst = Math.max(...changedShares)
    const apart = every.toLocaleString('en-US')
    return {
      passed: worst <= mostChanged && changedIds.length === 0,
      threshold: `of ${count.toLocaleString('en-US')} events: no id changes, and at most ${mostChanged * 100} % of fixed probes between versions ${apart} events apart`,
      head: ['versions', 'probes whose id changed'],
      rows: changedShares.map((share, i) => [
        `${((i + 1) * every).toLocaleString('en-US')} and ${((i + 2) * every).toLocaleString('en-US')}`,
        `${shown(100 * share)} %`,
      ]),
      summary: `at most ${shown(100 * worst)} % of the probes, ${changedIds.length} clusters whose id went elsewhere`,
    }
  },
}
