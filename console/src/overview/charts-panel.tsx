/** Throughput, lag and latency over the last quarter of an hour. */
import { useHistory } from '../api/client.ts'
import { TimeChart } from '../charts/time-chart.tsx'
import { duration, figure } from '../numbers.tsx'
import { Panel } from '../panel.tsx'

export function ChartsPanel() {
  return (
    <Panel
      title="Flow"
      class="throughput"
      of={useHistory()}
      empty={({ atMs }) => (atMs.length < 2 ? 'Nothing has been measured yet: a sample comes each second.' : null)}
    >
      {({ atMs, eventsPerSecond, lagEvents, transactionMsP50, transactionMsP99 }) => (
        <>
          <TimeChart
            title="Throughput"
            unit="events/s"
            at={atMs}
            series={[{ label: 'events', values: eventsPerSecond, colour: '--accent' }]}
            format={figure}
          />
          <TimeChart
            title="Lag"
            unit="events"
            at={atMs}
            series={[{ label: 'events', values: lagEvents, colour: '--accent' }]}
            format={figure}
          />
          <TimeChart
            title="Latency"
            unit="of a transaction"
            at={atMs}
            series={[
              { label: 'median', values: transactionMsP50, colour: '--accent' },
              { label: '99 %', values: transactionMsP99, colour: '--second' },
            ]}
            format={(ms) => duration(ms / 1000)}
          />
        </>
      )}
    </Panel>
  )
}
