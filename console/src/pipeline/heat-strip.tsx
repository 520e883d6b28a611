/** Lag by partition as a strip of heat: one that lags alone is seen at once; below it the numbers. */
import type { PartitionView } from '../../../src/http/routes/process.ts'
import { count, duration, figure, Num } from '../numbers.tsx'

/** So many seconds are as hot as it gets. */
const hottestS = 60
const steps = 5

export function HeatStrip({ partitions }: { readonly partitions: readonly PartitionView[] }) {
  return (
    <>
      <div class="heat" role="img" aria-label={worst(partitions)}>
        {partitions.map(({ partition, lagSeconds, lagEvents }) => (
          <i
            key={partition}
            data-heat={heatOf(lagSeconds)}
            title={`partition ${partition}: ${lagEvents} events, ${lagSeconds} s`}
          />
        ))}
      </div>
      <p class="quiet heat-key">
        <i data-heat="0" /> current <i data-heat={steps} /> {hottestS} s behind or more
      </p>
      <div class="scrolls tall">
        <table>
          <thead>
            <tr>
              <th scope="col">Partition</th>
              <th scope="col" class="right">
                Position
              </th>
              <th scope="col" class="right">
                Lag
              </th>
              <th scope="col" class="right">
                Behind
              </th>
              <th scope="col" class="right">
                Events/s
              </th>
            </tr>
          </thead>
          <tbody>
            {partitions.map(({ partition, position, lagEvents, lagSeconds, eventsPerSecond }) => (
              <tr key={partition}>
                <th scope="row">{partition}</th>
                <td class="right">
                  <Num value={position} as={count} />
                </td>
                <td class="right">
                  <Num value={lagEvents} as={count} />
                </td>
                <td class="right">
                  <Num value={lagSeconds} as={duration} />
                </td>
                <td class="right">
                  <Num value={eventsPerSecond} as={(value) => figure(Math.round(value))} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

/** By orders of magnitude: 0 is current. */
function heatOf(seconds: number): number {
  if (seconds <= 1) return 0
  return Math.min(steps, Math.ceil((steps * Math.log(seconds)) / Math.log(hottestS)))
}

function worst(partitions: readonly PartitionView[]): string {
  const most = partitions.reduce((a, b) => (b.lagSeconds > a.lagSeconds ? b : a))
  return `Lag of ${partitions.length} partitions; the most has partition ${most.partition}: ${duration(most.lagSeconds)}, ${count(most.lagEvents)} events`
}
