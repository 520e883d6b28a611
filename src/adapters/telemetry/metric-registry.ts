/** The catalogue of metrics as a Prometheus registry of its own. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type MetricName, metrics } from '../../runtime/metrics.ts'

type Labels = Readonly<Record<string, string>>

export interface MetricRegistry {
  count(name: MetricName, value: number, labels: Labels): void
  observe(name: MetricName, value: number, labels: Labels): void
  /** NaN removes the series. */
  gauge(name: MetricName, value: number, labels: Labels): void
  /** In Prometheus' text format. */
  text(): Promise<string>
}

/** The process' event loop, heap and garbage collection are in it too. */
export function metricRegistry(): MetricRegistry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })

  const counters = new Map<MetricName, Counter>()
  const gauges = new Map<MetricName, Gauge>()
  const histograms = new Map<MetricName, Histogram>()
  for (const [name, metric] of Object.entries(metrics) as [MetricName, (typeof metrics)[MetricName]][]) {
    const configuration = { name, help: metric.help, labelNames: [...metric.labels], registers: [registry] }
    if (metric.kind === 'counter') counters.set(name, new Counter(configuration))
    else if (metric.kind === 'gauge') gauges.set(name, new Gauge(configuration))
    else histograms.set(name, new Histogram({ ...configuration, buckets: [...metric.buckets] }))
  }

  return {
    count: (name, value, labels) => known(counters, name).inc({ ...labels }, value),
    observe: (name, value, labels) => known(histograms, name).observe({ ...labels }, value),
    gauge(name, value, labels) {
      const gauge = known(gauges, name)
      if (Number.isNaN(value)) gauge.remove({ ...labels })
      else gauge.set({ ...labels }, value)
    },
    text: () => registry.metrics(),
  }
}

function known<M>(of: ReadonlyMap<MetricName, M>, name: MetricName): M {
  const metric = of.get(name)
  if (metric === undefined) throw new TypeError(`${name} is a ${metrics[name].kind} and must be used as one`)
  return metric
}
