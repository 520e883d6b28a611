/** The cluster that is pointed at, in whatever panel: all others light up their rows of it. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

export interface Pointed {
  readonly id: number | null
  readonly point: (id: number | null) => void
}

export const PointedContext = createContext<Pointed>({ id: null, point: () => undefined })

export function usePointed(): Pointed {
  return useContext(PointedContext)
}

/** What makes an element point to a cluster, by mouse and by keyboard. */
export function pointsAt({ id, point }: Pointed, cluster: number) {
  return {
    'data-cluster': cluster,
    'data-pointed': id === cluster,
    onMouseEnter: () => point(cluster),
    onMouseLeave: () => point(null),
    onFocusIn: () => point(cluster),
    onFocusOut: () => point(null),
  }
}
