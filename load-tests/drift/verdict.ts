/** What the acceptance asks of planted drifts, and whether it is so. */
import { percent } from '../quality/line.ts'
import type { ScenarioResult } from './judge.ts'
import type { Scenario } from './planted.ts'

export const leastFound = 0.95
export const leastRightKind = 0.85
export const leastRightFeature = 0.95
/** Events, for a sudden shift of one standard deviation. */
export const mostDelay = 2_000
/** Of all detectors together, where nothing changes. */
const eventsPerFalse = 10_000_000

export interface LineVerdict {
  readonly passed: boolean
  readonly summary: string
}

interface Judged {
  readonly scenario: Scenario
  readonly result: ScenarioResult
}

export function verdicts(of: readonly Judged[]): readonly LineVerdict[] {
  const planted = of.filter(({ result }) => result.found !== null)
  const cycles = of.filter(({ scenario }) => scenario.hasCycle)
  const steady = of.filter(({ scenario }) => !scenario.hasCycle)
  return [
    ...planted.map(verdictOf),
    ...(steady.length === 0 ? [] : [falseVerdict('where nothing changes', steady)]),
    ...(cycles.length === 0 ? [] : [falseVerdict('in a daily cycle from its fifth day on', cycles)]),
  ]
}

function verdictOf({ scenario, result }: Judged): LineVerdict {
  const { found, rightKind, rightFeature, delays } = result
  const worst = delays.at(-1) ?? Number.NaN
  const missed = [
    ...(found! >= leastFound ? [] : [`found ${percent(found!)}`]),
    ...(rightKind === null || rightKind >= leastRightKind ? [] : [`right kind ${percent(rightKind)}`]),
    ...(rightFeature === null || rightFeature >= leastRightFeature ? [] : [`right feature ${percent(rightFeature)}`]),
    ...(scenario.isSudden && worst > mostDelay ? [`worst delay ${worst} events`] : []),
  ]
  const passed = missed.length === 0
  return { passed, summary: `${scenario.name}${passed ? '' : `: ${missed.join(', ')}`}` }
}

function falseVerdict(where: string, of: readonly Judged[]): LineVerdict {
  const told = of.reduce((sum, { result }) => sum + result.falseAlarms, 0)
  const events = of.reduce((sum, { result }) => sum + result.quietEvents, 0)
  const allowed = Math.max(1, Math.ceil(events / eventsPerFalse))
  return {
    passed: told <= allowed,
    summary: `${told} false alarms in ${(events / 1e6).toFixed(1)} million events ${where}; at most ${allowed}`,
  }
}
