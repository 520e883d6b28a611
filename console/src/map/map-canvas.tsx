/** The canvas of the map with the centroids over it: events are painted, centroids can be reached by keyboard. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { MapView } from '../../../src/http/map/map.ts'
import { colouredIds, colourOf } from '../colours.ts'
import { percent } from '../numbers.tsx'
import { paints } from '../paints.ts'
import { pointsAt, usePointed } from '../pointed.ts'
import { isStill, useShade } from '../theme.ts'
import { type Frame, frameBetween, frameOf, placeIn, radiusOf, steadyFrame } from './frame.ts'
import { paint } from './paint.ts'
import { between, type Scene } from './scene.ts'
import { type Turn, turned, turnsForMs } from './turn.ts'

const wayMs = 700

interface MapCanvasProps {
  readonly map: MapView
  readonly scene: Scene
  readonly turn: Turn | null
}

export function MapCanvas({ map, scene, turn }: MapCanvasProps) {
  const holder = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const shown = useRef<Scene>(scene)
  const kept = useRef<Frame | null>(null)
  /** The window as it was last painted. */
  const seen = useRef<Frame | null>(null)
  const pointed = usePointed()
  const shade = useShade()
  const size = useSize(holder)
  const coloured = useMemo(() => colouredIds(map.clusters.map(({ id }) => id)), [map])
  const colours = useMemo(
    () => paints([...Array.from({ length: 8 }, (_, i) => `--cluster-${i}`), '--cluster-grey', '--quiet']),
    [shade],
  )
  const frame = useMemo(() => {
    kept.current = size === null ? null : steadyFrame(kept.current, frameOf(map, size.width, size.height))
    return kept.current
  }, [map, size])

  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context || frame === null) return
    const [from, fromFrame] = [shown.current, seen.current]
    const startedMs = performance.now()
    const takesMs = Math.max(wayMs, turnsForMs(turn))
    let request = 0
    const step = () => {
      const isThere = isStill() || (from === scene && fromFrame === frame)
      const part = isThere ? 1 : Math.min(1, (performance.now() - startedMs) / takesMs)
      const eased = part * (2 - part)
      shown.current = between(from, scene, eased)
      seen.current = frameBetween(fromFrame, frame, eased)
      paint(context, shown.current, seen.current, { paints: colours, coloured, pointed: pointed.id, turn })
      moveCentroids(holder.current, shown.current, seen.current)
      if (part < 1 || (turn !== null && turned(turn) < 1)) request = requestAnimationFrame(step)
    }
    step()
    return () => cancelAnimationFrame(request)
  }, [scene, frame, colours, coloured, pointed.id, turn])

  const ratio = globalThis.devicePixelRatio || 1
  return (
    <div ref={holder} class="map-holder">
      {frame !== null && <canvas ref={canvas} width={frame.width * ratio} height={frame.height * ratio} />}
      {frame !== null &&
        map.clusters.map(({ id, share }) => (
          <button
            key={id}
            type="button"
            class="centroid"
            {...pointsAt(pointed, id)}
            title={`cluster ${id}: ${percent(share)} of the events`}
            style={{
              '--size': `${2 * radiusOf(share)}px`,
              '--own': `var(${colourOf(id, coloured.has(id) || pointed.id === id)})`,
            }}
          >
            {id}
          </button>
        ))}
    </div>
  )
}

function moveCentroids(holder: HTMLElement | null, { centroids }: Scene, frame: Frame): void {
  for (const button of holder?.querySelectorAll<HTMLElement>('.centroid') ?? []) {
    const place = centroids.get(Number(button.dataset.cluster))
    if (place === undefined) continue
    const { left, top } = placeIn(frame, place)
    button.style.translate = `calc(${left.toFixed(1)}px - 50%) calc(${top.toFixed(1)}px - 50%)`
  }
}

function useSize(of: { readonly current: HTMLElement | null }) {
  const [size, setSize] = useState<{ readonly width: number; readonly height: number } | null>(null)
  useEffect(() => {
    const element = of.current
    if (element === null) return
    const watched = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }))
    watched.observe(element)
    return () => watched.disconnect()
  }, [of])
  return size
}
