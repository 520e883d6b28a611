/** Paints events and trails. Five thousand points are a handful of paths: one for each colour and shape. */
import { colourOf } from '../colours.ts'
import { type Frame, placeIn } from './frame.ts'
import { paintOldAxes } from './paint-old-axes.ts'
import type { Place, Scene, Spot } from './scene.ts'
import type { Turn } from './turn.ts'

const dot = 1.6
const cross = 3.2

interface Look {
  readonly paints: ReadonlyMap<string, string>
  readonly coloured: ReadonlySet<number>
  readonly pointed: number | null
  /** The plane has just been changed; null: it has not. */
  readonly turn: Turn | null
}

export function paint(context: CanvasRenderingContext2D, scene: Scene, frame: Frame, look: Look): void {
  const ratio = context.canvas.width / frame.width
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, frame.width, frame.height)
  paintTrails(context, scene, frame, look)
  for (const [cluster, spots] of scene.spots) {
    const isPointed = look.pointed === cluster
    const shows = look.coloured.has(cluster) || isPointed
    const colour = look.paints.get(colourOf(cluster, shows)) ?? ''
    const faded = look.pointed !== null && !isPointed
    paintUsual(context, spots, frame, colour, faded ? 0.12 : 0.5)
    paintUnusual(context, spots, frame, colour, faded ? 0.15 : 0.85)
  }
  if (look.turn !== null) paintOldAxes(context, look.turn, look.paints.get('--quiet') ?? '')
  context.globalAlpha = 1
}

function paintUsual(
  context: CanvasRenderingContext2D,
  spots: readonly Spot[],
  frame: Frame,
  colour: string,
  alpha: number,
) {
  context.globalAlpha = alpha
  context.fillStyle = colour
  context.beginPath()
  for (const spot of spots) {
    if (spot.anomalous) continue
    const { left, top } = placeIn(frame, spot)
    context.rect(left - dot, top - dot, 2 * dot, 2 * dot)
  }
  context.fill()
}

/** A cross, not a dot: the shape says it without the colour. */
function paintUnusual(
  context: CanvasRenderingContext2D,
  spots: readonly Spot[],
  frame: Frame,
  colour: string,
  alpha: number,
) {
  context.globalAlpha = alpha
  context.strokeStyle = colour
  context.lineWidth = 1.3
  context.beginPath()
  for (const spot of spots) {
    if (!spot.anomalous) continue
    const { left, top } = withinEdges(frame, placeIn(frame, spot))
    context.moveTo(left - cross, top - cross)
    context.lineTo(left + cross, top + cross)
    context.moveTo(left - cross, top + cross)
    context.lineTo(left + cross, top - cross)
  }
  context.stroke()
}

/** An anomaly beyond the window stands at its edge: it must not be missed. */
function withinEdges({ width, height }: Frame, { left, top }: { readonly left: number; readonly top: number }) {
  return { left: Math.min(Math.max(left, 6), width - 6), top: Math.min(Math.max(top, 6), height - 6) }
}

function paintTrails(
  context: CanvasRenderingContext2D,
  { trails, centroids }: Scene,
  frame: Frame,
  { paints, coloured, pointed }: Look,
) {
  context.lineWidth = 1.5
  for (const [cluster, past] of trails) {
    const now = centroids.get(cluster)
    if (past.length === 0 || now === undefined) continue
    const places: readonly Place[] = [...past, now]
    context.globalAlpha = pointed === null || pointed === cluster ? 0.8 : 0.15
    context.strokeStyle = paints.get(colourOf(cluster, coloured.has(cluster) || pointed === cluster)) ?? ''
    context.beginPath()
    for (const [i, place] of places.entries()) {
      const { left, top } = placeIn(frame, place)
      if (i === 0) context.moveTo(left, top)
      else context.lineTo(left, top)
    }
    context.stroke()
  }
  context.globalAlpha = 1
}
