/** The axes of the plane before, as they lie on this one: what was right and up until the drift was accepted. */
import { type Frame, placeIn } from './frame.ts'
import type { Place } from './scene.ts'
import { type Turn, turned } from './turn.ts'

const length = 90

export function paintOldAxes(context: CanvasRenderingContext2D, frame: Frame, turn: Turn, colour: string): void {
  const { version, origin, x, y } = turn.former
  const part = turned(turn)
  const from = placeIn(frame, { x: origin.x * part, y: origin.y * part })
  const start = { left: within(from.left, frame.width), top: within(from.top, frame.height) }
  context.globalAlpha = 0.9
  context.strokeStyle = colour
  context.fillStyle = colour
  context.lineWidth = 1.5
  context.font = '11px system-ui'
  for (const [name, straight, axis] of [
    ['→', { x: 1, y: 0 }, x],
    ['↑', { x: 0, y: 1 }, y],
  ] as const) {
    const along = mixed(straight, axis, part)
    const end = { left: start.left + along.x * length, top: start.top - along.y * length }
    context.setLineDash([4, 3])
    context.beginPath()
    context.moveTo(start.left, start.top)
    context.lineTo(end.left, end.top)
    context.stroke()
    context.setLineDash([])
    context.fillText(`${name} of version ${version}`, end.left + 4, end.top - 4)
  }
}

/** An axis that has become short leads out of the plane: it is drawn as short as it is. */
function mixed(a: Place, b: Place, part: number): Place {
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part }
}

function within(at: number, size: number): number {
  return Math.min(Math.max(at, length), Math.max(length, size - length))
}
