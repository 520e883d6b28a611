/** Anomalies that belong together: of one entity, or else of one cause. */
import type { AnomalyView } from '../../../src/runtime/views/anomaly-view.ts'

export interface Group {
  readonly name: string
  readonly kind: 'entity' | 'cause' | 'single'
  /** Newest first. */
  readonly anomalies: readonly AnomalyView[]
}

/** So many of one cause are told as one. */
const leastOfCause = 3

/** In the order of their newest ones. `anomalies`: newest first. */
export function groupsOf(anomalies: readonly AnomalyView[]): readonly Group[] {
  const byEntity = gathered(anomalies, ({ key }) => key)
  const alone = anomalies.filter((of) => of.key === null || byEntity.get(of.key)?.length === 1)
  const byCause = gathered(alone, causeOf)
  const groups: Group[] = []
  for (const [name, of] of byEntity) if (of.length > 1) groups.push({ name, kind: 'entity', anomalies: of })
  for (const [name, of] of byCause) {
    if (of.length >= leastOfCause) groups.push({ name, kind: 'cause', anomalies: of })
    else for (const one of of) groups.push({ name: idOf(one), kind: 'single', anomalies: [one] })
  }
  const position = new Map(anomalies.map((of, i) => [of, i]))
  const newest = ({ anomalies: [first] }: Group) => position.get(first) ?? 0
  return groups.sort((a, b) => newest(a) - newest(b))
}

/** What names an anomaly for life: where its event lies. */
export function idOf({ partition, offset }: Pick<AnomalyView, 'partition' | 'offset'>): string {
  return `${partition}-${offset}`
}

function causeOf({ contributions: [first], cluster }: AnomalyView): string | null {
  return first === undefined ? null : `${first.feature} near cluster ${cluster}`
}

function gathered(anomalies: readonly AnomalyView[], nameOf: (of: AnomalyView) => string | null) {
  const groups = new Map<string, AnomalyView[]>()
  for (const of of anomalies) {
    const name = nameOf(of)
    if (name === null) continue
    const own = groups.get(name) ?? []
    own.push(of)
    groups.set(name, own)
  }
  return groups
}
