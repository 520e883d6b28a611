/** A heading, and a table of what came last. */
import { grouped } from '../../output.ts'
import { escaped } from './markup.ts'

/** The last ones; a restless stream has hundreds. */
const shown = 20

export interface FoundOverTime<T> {
  readonly title: string
  /** All that were found, of which the list may hold the last. */
  readonly count: number
  /** In order. */
  readonly list: readonly T[]
  /** Of each column its head; the first is the row's own. */
  readonly head: readonly string[]
  /** What stands in the columns. */
  readonly cells: (of: T) => readonly string[]
}

/** Newest first; nothing where nothing was found. */
export function tableOfLast<T>({ title, count, list, head, cells }: FoundOverTime<T>): readonly string[] {
  if (count === 0) return []
  const last = list.slice(-shown).toReversed()
  const rest = count > last.length ? `, the last ${last.length} of ${grouped(count)}` : ''
  const rows = last.map((of) => {
    const [first, ...others] = cells(of).map(escaped)
    return `<tr><th>${first}</th>${others.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
  })
  return [
    `<h2>${title}${rest}</h2>`,
    `<div class="table"><table><thead><tr>${head.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>`,
    ...rows,
    '</tbody></table></div>',
  ]
}
