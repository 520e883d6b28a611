/** How near each detector is to telling of a drift: its statistic beside its threshold, now and over the last minutes. */

import type { History } from '../../../src/http/routes/process.ts'
import type { DriftReport } from '../../../src/runtime/views/drift/report.ts'
import { useHistory } from '../api/client.ts'
import type { Loaded } from '../api/resource.ts'
import { TimeChart } from '../charts/time-chart.tsx'
import { count, figure, Num, percent } from '../numbers.tsx'
import { Panel } from '../panel.tsx'

export function Detectors({ report }: { readonly report: Loaded<DriftReport> & { readonly again: () => void } }) {
  const history = useHistory().value
  return (
    <Panel
      title="Detectors"
      of={report}
      class="detectors"
      empty={({ watch }) =>
        watch === null ? 'This model does not look for drift (drift.enabled), or there is none yet.' : null
      }
    >
      {({ watch }) =>
        watch === null ? null : (
          <>
            <p class="quiet">
              {watch.detectors.length === 0
                ? `The first window is being filled: ${count(watch.inWindow)} of ${count(watch.windowEvents)} events.`
                : `Of the newest window of ${count(watch.windowEvents)} events, against ${count(watch.referenceEvents)} of the reference.`}
            </p>
            <ul class="gauges">
              {watch.detectors.map(({ detector, statistic, threshold }) => (
                <li key={detector}>
                  <span>{detector}</span>
                  <div class="gauge" data-over={statistic > threshold}>
                    <i class="bar" style={{ width: `${Math.min(100, (50 * statistic) / threshold)}%` }} />
                    <i class="limit" style={{ left: '50%' }} />
                  </div>
                  <span class="right">
                    <Num value={statistic} /> <span class="quiet">of {figure(threshold)}</span>
                  </span>
                </li>
              ))}
            </ul>
            {history !== null && history.atMs.length > 1 && history.detectors.length > 0 && (
              <TimeChart
                title="Statistic"
                unit="of its threshold"
                at={history.atMs}
                series={nearest(history.detectors)}
                format={percent}
              />
            )}
          </>
        )
      }
    </Panel>
  )
}

/** The two that are nearest now: more lines than two cannot be told apart. */
function nearest(detectors: History['detectors']) {
  return detectors
    .map(({ detector, statistics, thresholds }) => ({
      label: detector,
      values: statistics.map((statistic, i) => ratio(statistic, thresholds[i])),
    }))
    .toSorted((a, b) => (b.values.at(-1) ?? 0) - (a.values.at(-1) ?? 0))
    .slice(0, 2)
    .map((series, i) => ({ ...series, colour: i === 0 ? '--accent' : '--second' }))
}

function ratio(statistic: number | null, threshold: number | null): number | null {
  return statistic === null || threshold === null || !(threshold > 0) ? null : statistic / threshold
}
