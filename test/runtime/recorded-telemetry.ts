import type { Telemetry } from '../../src/runtime/ports.ts'
import { noSpan } from '../../src/runtime/span.ts'
import { recordedLog } from './recorded-log.ts'

interface Measurement {
  readonly name: string
  readonly value: number
  readonly labels: Readonly<Record<string, string>>
}

export interface RecordedTelemetry extends Telemetry {
  readonly log: ReturnType<typeof recordedLog>
  readonly observed: readonly Measurement[]
  /** Names of spans that were started. */
  readonly spans: readonly string[]
  readonly ended: readonly { readonly name: string; readonly failed: boolean }[]
  /** The sum of what was counted under these labels, all others left open. */
  counted(name: string, labels?: Readonly<Record<string, string>>): number
  /** The gauge's newest value under exactly these labels; null when it was never set. */
  gauged(name: string, labels?: Readonly<Record<string, string>>): number | null
}

/** Telemetry that keeps everything, for a test to read. */
export function recordedTelemetry(): RecordedTelemetry {
  const counts: Measurement[] = []
  const gauges: Measurement[] = []
  const observed: Measurement[] = []
  const spans: string[] = []
  const ended: { name: string; failed: boolean }[] = []
  return {
    log: recordedLog(),
    observed,
    spans,
    ended,
    count: (name, value, labels) => void counts.push({ name, value, labels }),
    gauge: (name, value, labels) => void gauges.push({ name, value, labels }),
    observe: (name, value, labels) => void observed.push({ name, value, labels }),
    startSpan(name) {
      spans.push(name)
      return { ...noSpan, end: (error) => void ended.push({ name, failed: error !== undefined }) }
    },
    close: () => Promise.resolve(),
    counted(name, labels = {}) {
      const matching = counts.filter((each) => each.name === name && hasLabels(each, labels))
      return matching.reduce((sum, { value }) => sum + value, 0)
    },
    gauged(name, labels = {}) {
      const sameSize = (each: Measurement) => Object.keys(each.labels).length === Object.keys(labels).length
      return gauges.findLast((each) => each.name === name && hasLabels(each, labels) && sameSize(each))?.value ?? null
    },
  }
}

function hasLabels(measurement: Measurement, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([label, value]) => measurement.labels[label] === value)
}
