/** A change of the plane, while it is shown: first everything moves to its new place, then the old axes stay for a while. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { MapView } from '../../../src/http/map/map.ts'
import { isStill } from '../theme.ts'

export interface Turn {
  readonly former: NonNullable<MapView['former']>
  /** By this page's steady clock. */
  readonly startedMs: number
}

const turnMs = 2500
const shownMs = 15_000

/** The change that this page has seen happen, as long as it is shown; null: there is none. */
export function useTurn({ planeVersion, former }: MapView): Turn | null {
  const known = useRef(planeVersion)
  const [turn, setTurn] = useState<Turn | null>(null)
  useEffect(() => {
    if (known.current === planeVersion) return
    known.current = planeVersion
    // Also back to an older plane, by a rollback: then nothing is told of the one before.
    setTurn(former === null ? null : { former, startedMs: performance.now() })
  }, [planeVersion])
  useEffect(() => {
    if (turn === null) return
    const over = setTimeout(() => setTurn(null), shownMs)
    return () => clearTimeout(over)
  }, [turn])
  return turn
}

/** How much of the way the plane has gone, 0 to 1: at once where motion is unwanted. */
export function turned({ startedMs }: Turn): number {
  const part = isStill() ? 1 : Math.min(1, Math.max(0, (performance.now() - startedMs) / turnMs))
  return part * (2 - part)
}

/** How long it still takes. */
export function turnsForMs(turn: Turn | null): number {
  return turn === null ? 0 : Math.max(0, turn.startedMs + turnMs - performance.now())
}
