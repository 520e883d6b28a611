/** How an event of drift looks: the row of its kind, and the shape of its severity. */
import type { ToldEvent } from '../../../src/runtime/views/drift/told-event.ts'

export type Level = 'bad' | 'look' | 'well' | 'plain'

export function levelOf({ severity, kind }: Pick<ToldEvent, 'severity' | 'kind'>): Level {
  if (kind === 'drift.cleared') return 'well'
  if (severity === 'critical') return 'bad'
  return severity === 'warning' ? 'look' : 'plain'
}

export const shapes: Readonly<Record<Level, string>> = { bad: '◆', look: '▲', well: '✓', plain: '●' }

/** `drift.featureOnly` is `feature only`. */
export function kindText(kind: string): string {
  const [, name = kind] = kind.split('.', 2)
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

export function groupOf(kind: string): string {
  return kind.split('.', 1)[0]
}
