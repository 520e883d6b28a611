/** A small compass in a corner: where the axes of the plane before point to on this one, beside those that count now. */
import type { Place } from './scene.ts'
import { type Turn, turned } from './turn.ts'

const reach = 46
const corner = { left: 64, top: 74 }

export function paintOldAxes(context: CanvasRenderingContext2D, turn: Turn, colour: string): void {
  const { version, x, y } = turn.former
  const part = turned(turn)
  context.globalAlpha = 0.95
  context.strokeStyle = colour
  context.fillStyle = colour
  context.lineWidth = 1.5
  context.font = '11px system-ui'
  arm(context, right)
  arm(context, up)
  context.setLineDash([4, 3])
  arm(context, mixed(right, x, part))
  arm(context, mixed(up, y, part))
  context.setLineDash([])
  context.fillText(`dashed: axes until a drift was accepted, of version ${version}`, 10, 16)
}

const right = { x: 1, y: 0 }
const up = { x: 0, y: 1 }

/** An axis that is short now leads out of the plane: it is drawn as short as it is. */
function arm(context: CanvasRenderingContext2D, { x, y }: Place): void {
  const size = Math.max(1, Math.hypot(x, y))
  context.beginPath()
  context.moveTo(corner.left, corner.top)
  context.lineTo(corner.left + (x / size) * reach, corner.top - (y / size) * reach)
  context.stroke()
}

function mixed(a: Place, b: Place, part: number): Place {
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part }
}
