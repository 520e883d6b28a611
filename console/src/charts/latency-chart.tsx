/** How long transactions took: the median, and what one in a hundred exceeded. */
import type { History } from '../../../src/http/routes/process.ts'
import { duration } from '../numbers.tsx'
import { TimeChart } from './time-chart.tsx'

interface LatencyChartProps {
  readonly title: string
  readonly unit: string
  readonly of: Pick<History, 'atMs' | 'transactionMsP50' | 'transactionMsP99'>
}

export function LatencyChart({ title, unit, of: { atMs, transactionMsP50, transactionMsP99 } }: LatencyChartProps) {
  return (
    <TimeChart
      title={title}
      unit={unit}
      at={atMs}
      series={[
        { label: 'median', values: transactionMsP50, colour: '--accent' },
        { label: '99 %', values: transactionMsP99, colour: '--second' },
      ]}
      format={(ms) => duration(ms / 1000)}
    />
  )
}
