/** The way of an event: what flows where, how far each partition is, and what is depended on. */

import type { PartitionView } from '../../../src/http/routes/process.ts'
import type { Status } from '../../../src/http/status.ts'
import type { Address } from '../address.ts'
import { useHistory, useResource } from '../api/client.ts'
import { LatencyChart } from '../charts/latency-chart.tsx'
import { TimeChart } from '../charts/time-chart.tsx'
import { figure } from '../numbers.tsx'
import { Panel } from '../panel.tsx'
import { Dependencies } from './dependencies.tsx'
import { Diagram } from './diagram.tsx'
import { HeatStrip } from './heat-strip.tsx'

export function PipelineView(_: { readonly address: Address }) {
  const status = useResource<Status>('v1/status', 5000)
  const partitions = useResource<{ readonly partitions: readonly PartitionView[] }>('v1/partitions', 2000)
  const history = useHistory()
  return (
    <div class="pipeline">
      <Panel title="Pipeline" of={status} class="wide">
        {(value) => <Diagram status={value} />}
      </Panel>
      <Panel
        title="Partitions"
        of={partitions}
        empty={(value) =>
          value.partitions.length === 0
            ? 'How far each partition is, is not known yet: it is looked at every few seconds.'
            : null
        }
      >
        {(value) => <HeatStrip partitions={value.partitions} />}
      </Panel>
      <Panel title="Dependencies" of={status}>
        {(value) => <Dependencies status={value} />}
      </Panel>
      <Panel
        title="Transactions"
        of={history}
        class="wide"
        empty={({ atMs }) => (atMs.length < 2 ? 'Nothing has been measured yet.' : null)}
      >
        {(shown) => (
          <div class="side-by-side">
            <TimeChart
              title="Transactions"
              unit="a second"
              at={shown.atMs}
              series={[{ label: 'transactions', values: shown.transactionsPerSecond, colour: '--accent' }]}
              format={figure}
            />
            <LatencyChart title="Their times" unit="first read to commit" of={shown} />
          </div>
        )}
      </Panel>
    </div>
  )
}
