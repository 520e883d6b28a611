/** The catalogue of metrics as a Prometheus registry of its own. */
import { Counter, Gauge, Histogram } from 'prom-client'
import { type MetricName, metrics } from '../../runtime/metrics.ts'
import { type Exposition, expose } from './exposition.ts'
import { processRegistry } from './process-metrics.ts'

type Labels = Readonly<Record<string, string>>

export interface MetricRegistry {
  count(name: MetricName, value: number, labels: Labels): void
  observe(name: MetricName, value: number, labels: Labels): void
  /** NaN removes the series. */
  gauge(name: MetricName, value: number, labels: Labels): void
  /** All of them, in the format that the request's Accept header asks for. */
  expose(accept: string | undefined): Promise<Exposition>
}

/** The process' event loop, heap and garbage collection are in it too. `exemplar` names the trace that an observation is part of. */
export function metricRegistry(exemplar: (() => Labels | null) | null = null): MetricRegistry {
  const registry = processRegistry()
  const counters = new Map<MetricName, Counter>()
  const gauges = new Map<MetricName, Gauge>()
  const histograms = new Map<MetricName, Histogram>()
  const enableExemplars = exemplar !== null
  for (const [name, metric] of Object.entries(metrics) as [MetricName, (typeof metrics)[MetricName]][]) {
    const configuration = { name, help: metric.help, labelNames: [...metric.labels], registers: [registry] }
    if (metric.kind === 'counter') counters.set(name, new Counter(configuration))
    else if (metric.kind === 'gauge') gauges.set(name, new Gauge(configuration))
    else histograms.set(name, new Histogram({ ...configuration, enableExemplars, buckets: [...metric.buckets] }))
  }

  return {
    count: (name, value, labels) => known(counters, name).inc({ ...labels }, value),
    observe(name, value, labels) {
      const histogram = known(histograms, name)
      if (exemplar === null) histogram.observe({ ...labels }, value)
      else histogram.observe({ labels: { ...labels }, value, exemplarLabels: { ...exemplar() } })
    },
    gauge(name, value, labels) {
      const gauge = known(gauges, name)
      if (Number.isNaN(value)) gauge.remove({ ...labels })
      else gauge.set({ ...labels }, value)
    },
    expose: (accept) => expose(registry, accept),
  }
}

function known<M>(of: ReadonlyMap<MetricName, M>, name: MetricName): M {
  const metric = of.get(name)
  if (metric === undefined) throw new TypeError(`${name} is a ${metrics[name].kind} and must be used as one`)
  return metric
}
