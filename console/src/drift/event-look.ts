/** How an event of drift looks: the row of its kind, and the shape of its severity. */

import type { ToldEvent } from '../../../src/runtime/views/drift/told-event.ts'
import type { SignName } from '../drawn.tsx'

export type Level = 'bad' | 'look' | 'well' | 'plain'

export function levelOf({ severity, kind }: Pick<ToldEvent, 'severity' | 'kind'>): Level {
  if (kind === 'drift.cleared') return 'well'
  if (severity === 'critical') return 'bad'
  return severity === 'warning' ? 'look' : 'plain'
}

export const shapes: Readonly<Record<Level, SignName>> = {
  bad: 'diamond',
  look: 'triangle',
  well: 'check',
  plain: 'disc',
}

/** What an event is called: `gradual drift`, `cluster 8 merged`, `freeze`. */
export function titleOf({ kind, scope }: Pick<ToldEvent, 'kind' | 'scope'>): string {
  const name = kindText(kind)
  if (groupOf(kind) === 'cluster') return `${scope} ${name}`
  if (kind === 'drift.cleared') return 'drift is over'
  return drifting.includes(name) ? `${name} drift` : name
}

/** `drift.featureOnly` is `feature only`. */
export function kindText(kind: string): string {
  const [, name = kind] = kind.split('.', 2)
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

const drifting = ['sudden', 'gradual', 'recurring', 'feature only']

export function groupOf(kind: string): string {
  return kind.split('.', 1)[0]
}
