/** What the values of each feature are, for them to be written as people do: the hour 14.1 is 14:06. */
import type { ModelView } from '../../src/runtime/views/model-view.ts'
import { dayText, hourText } from '../../src/runtime/views/phase-text.ts'
import { useResource } from './api/client.ts'
import { figure } from './numbers.tsx'

/** A value of a feature as text: of a number, a time, a name, or nothing. */
type ValueText = (feature: string, value: number | string | null) => string

export function useValueText(): ValueText {
  const { value: model } = useResource<ModelView>('v1/model', 5000)
  return (feature, value) => {
    if (value === null) return 'nothing'
    if (typeof value === 'string') return value
    const kind = model?.features.find(({ name }) => name === feature)?.kind
    if (kind === 'hour') return hourText(value)
    return kind === 'weekday' ? dayText(value) : figure(value)
  }
}
