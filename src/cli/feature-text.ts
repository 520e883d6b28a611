/** A feature's value as a person reads it: a time, a name, or the digits that are enough to know a number by. */
import type { ModelView } from '../runtime/views/model-view.ts'
import { dayText, hourText } from '../runtime/views/phase-text.ts'

export function featureText(features: ModelView['features'], feature: string, value: number | string | null): string {
  if (typeof value !== 'number') return value ?? 'none'
  const kind = features.find(({ name }) => name === feature)?.kind
  if (kind === 'hour') return hourText(value)
  return kind === 'weekday' ? dayText(value) : numberText(value)
}

function numberText(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e9 || size < 1e-3)) return value.toPrecision(3)
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 })
}
