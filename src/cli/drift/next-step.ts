/** What a person can do about a drift, by its kind. */
import { mostOpenWindows, returnedWindows, settledWindows } from '../../core/drift/open.ts'
import type { OpenDrift } from '../../runtime/views/drift/present.ts'

const ofSource =
  'Ask what has changed at the source since then: a release, a price list, a unit, a new client or a feed that is late.'
const byKind: Readonly<Record<string, string>> = {
  'drift.sudden': ofSource,
  'drift.gradual': `${ofSource} A change that grows may be far from its end.`,
  'drift.featureOnly': `${ofSource} One feature alone is more often a fault in a field than a change in behaviour.`,
  'drift.recurring':
    'Nothing, when this comes and goes in your business; from the third time on it is not told any more.',
  'drift.newCluster':
    'Look at these events: a new product and an attack look alike. shoal consume anomalies has those that are called unusual.',
  'drift.lostCluster': 'Ask whether a source, a channel or a client has fallen silent.',
  'drift.qualityDrop':
    'Look at what is called unusual, with its reasons: shoal consume anomalies. No feature has changed by itself, but how they go together.',
}

export function nextStep({ kind }: OpenDrift): string {
  return byKind[kind] ?? 'Look at the events at the offsets above.'
}

/** How it ends when nobody does anything. */
export function ending({ returned, settled, openWindows }: OpenDrift): string {
  const back = `over when ${returnedWindows} windows in a row look as before (${returned} so far)`
  const usual = `taken for usual when ${settledWindows} look like one another (${settled} so far)`
  return `${back}; ${usual}, or after ${mostOpenWindows} (${openWindows} so far)`
}
