/** A panel: a heading, and what it shows while there is nothing yet, nothing at all, nothing new, or nothing to be had. */
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { useConnection } from './api/client.ts'
import type { Loaded } from './api/resource.ts'
import { Ago, Moment } from './times.tsx'

interface PanelProps<T> {
  readonly title: string
  /** What stands beside the title. */
  readonly aside?: ComponentChildren
  readonly of: Loaded<T> & { readonly again: () => void }
  /** Why there is nothing to show of the value; null: there is. */
  readonly empty?: (value: T) => ComponentChildren
  readonly children: (value: T) => ComponentChildren
  readonly class?: string
}

export function Panel<T>({ title, aside, of, empty = () => null, children, class: name = '' }: PanelProps<T>) {
  const id = useId()
  const { value, problem } = of
  const nothing = value === null ? null : empty(value)
  return (
    <section class={`panel ${name}`} aria-labelledby={id} data-state={stateOf(of, nothing !== null)}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside}
        <Staleness of={of} />
      </header>
      {value === null && problem === null && <Loading />}
      {value === null && problem !== null && (
        <div class="failed" role="alert">
          <p>
            <strong>This cannot be shown:</strong> {problem.message}.
          </p>
          {problem.remedy !== '' && <p class="quiet">{problem.remedy}</p>}
          <button type="button" onClick={of.again}>
            Try again
          </button>
        </div>
      )}
      {nothing !== null && <div class="empty">{nothing}</div>}
      {value !== null && nothing === null && children(value)}
    </section>
  )
}

function stateOf({ value, problem }: Loaded<unknown>, isEmpty: boolean): string {
  if (value === null) return problem === null ? 'loading' : 'failed'
  if (problem !== null) return 'stale'
  return isEmpty ? 'empty' : 'ready'
}

/** Old figures are said to be old, wherever they stand. */
function Staleness({ of: { value, problem, atMs } }: { readonly of: Loaded<unknown> }) {
  const { connected } = useConnection()
  if (value === null || atMs === null || (problem === null && connected)) return null
  return (
    <p class="staleness" title={problem?.message}>
      as of <Moment ms={atMs} />, <Ago ms={atMs} /> ago
    </p>
  )
}

function Loading() {
  return (
    <div class="loading" role="status">
      <span class="seen-by-readers">Loading</span>
      <i />
      <i />
      <i />
    </div>
  )
}
