/** Throughput, lag and latency over the last quarter of an hour. */
import { useHistory } from '../api/client.ts'
import { LatencyChart } from '../charts/latency-chart.tsx'
import { TimeChart } from '../charts/time-chart.tsx'
import { figure } from '../numbers.tsx'
import { Panel } from '../panel.tsx'

export function ChartsPanel() {
  return (
    <Panel
      title="Flow"
      class="throughput"
      of={useHistory()}
      empty={({ atMs }) => (atMs.length < 2 ? 'Nothing has been measured yet: a sample comes each second.' : null)}
    >
      {(history) => (
        <>
          <TimeChart
            title="Throughput"
            unit="events/s"
            at={history.atMs}
            series={[{ label: 'events', values: history.eventsPerSecond, colour: '--accent' }]}
            format={figure}
          />
          <TimeChart
            title="Lag"
            unit="events"
            at={history.atMs}
            series={[{ label: 'events', values: history.lagEvents, colour: '--accent' }]}
            format={figure}
          />
          <LatencyChart title="Latency" unit="of a transaction" of={history} />
        </>
      )}
    </Panel>
  )
}
