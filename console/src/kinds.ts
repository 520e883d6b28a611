/** What the values of each feature are, for them to be written as people do: the hour 14.1 is 14:06. */
import type { ModelView } from '../../src/runtime/views/model-view.ts'
import { dayText, hourText } from '../../src/runtime/views/phase-text.ts'
import { useResource } from './api/client.ts'
import { figure } from './numbers.tsx'

/** A value of a feature as text: of a number, a time, a name, or nothing. */
type ValueText = (feature: string, value: number | string | null) => string

type Kind = ModelView['features'][number]['kind']

/** Undefined: it is not known yet. */
export function useKinds(): (feature: string) => Kind | undefined {
  const { value: model } = useResource<ModelView>('v1/model', 5000)
  return (feature) => model?.features.find(({ name }) => name === feature)?.kind
}

const units: Partial<Record<Kind, string>> = { hour: 'h', weekday: 'd' }

/** How far values lie apart, with the unit of a time. */
export function useSpreadText(): (feature: string, spread: number) => string {
  const kindOf = useKinds()
  return (feature, spread) => {
    const unit = units[kindOf(feature) ?? 'number']
    return unit === undefined ? figure(spread) : `${figure(spread)} ${unit}`
  }
}

export function useValueText(): ValueText {
  const kindOf = useKinds()
  return (feature, value) => {
    if (value === null) return 'nothing'
    if (typeof value === 'string') return value
    const kind = kindOf(feature)
    if (kind === 'hour') return hourText(value)
    return kind === 'weekday' ? dayText(value) : figure(value)
  }
}
