/** What a panel of the dashboard asks of Prometheus, and the forms that many of them share. */

export interface Query {
  readonly expr: string
  /** With `{{label}}`; empty: one series without a name. */
  readonly legend: string
}

export interface PanelPlan {
  readonly title: string
  /** A sentence for who has not read docs/metrics.md. */
  readonly description: string
  /** By Grafana's names: s, bytes, percentunit, reqps; short for a number. */
  readonly unit: string
  readonly queries: readonly Query[]
  /** A line at the value from which an alert fires. */
  readonly limit?: number
  /** Unset: over time. */
  readonly as?: 'number'
}

export interface RowPlan {
  readonly title: string
  readonly panels: readonly PanelPlan[]
}

export const one = (expr: string, legend = ''): readonly Query[] => [{ expr, legend }]
export const ofJob = '{job=~"$job"}'
/** A quantile of a histogram of seconds, by these labels. */
export const seconds = (metric: string, labels: string, by: string, quantile: number) =>
  `histogram_quantile(${quantile}, sum by (le, ${by}) (rate(${metric}_bucket{job=~"$job"${labels}}[$__rate_interval])))`
