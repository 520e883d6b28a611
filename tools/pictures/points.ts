/** Many points as one path: a point is a line of no length with a round end. */
import { coordinate, element } from '../../src/cli/backtest/report/markup.ts'

export type Place = readonly [x: number, y: number]

export function dots(places: readonly Place[], tone: string): string {
  const d = places.map(([x, y]) => `M${coordinate(x)} ${coordinate(y)}h0`).join('')
  return element('path', { d, class: `dots ${tone}` })
}

export function rings(places: readonly Place[], radius: number, tone: string): string {
  return places
    .map(([x, y]) => element('circle', { cx: coordinate(x), cy: coordinate(y), r: radius, class: `ring ${tone}` }))
    .join('')
}

/** At most `most` of them, evenly spaced. */
export function some<T>(items: readonly T[], most: number): readonly T[] {
  const count = Math.min(most, items.length)
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)])
}
