/** The window through which the plane is seen: where a place of the plane is on the canvas. */
import type { MapView } from '../../../src/http/map/map.ts'

export interface Frame {
  readonly x: number
  readonly y: number
  /** Pixels per spread, the same in both directions: a circle stays one. */
  readonly scale: number
  readonly width: number
  readonly height: number
}

const margin = 34
/** So many may lie outside on each side: far ones must not shrink all others to a dot. Anomalies that do stand at the edge. */
const outside = { usual: 0.005, anomalous: 0.3 }

export function frameOf({ clusters, events }: MapView, width: number, height: number): Frame {
  const usual = events.filter(({ anomalous }) => !anomalous)
  const unusual = events.filter(({ anomalous }) => anomalous)
  const ends = (of: 'x' | 'y') => {
    const places = [
      ...clusters.map((cluster) => cluster[of]),
      ...middle(usual, of, outside.usual),
      ...middle(unusual, of, outside.anomalous),
    ]
    return [Math.min(...places), Math.max(...places)] as const
  }
  const [left, right] = ends('x')
  const [bottom, top] = ends('y')
  const scale = Math.min(
    (width - 2 * margin) / Math.max(right - left, 1e-9),
    (height - 2 * margin) / Math.max(top - bottom, 1e-9),
  )
  return { x: (left + right) / 2, y: (top + bottom) / 2, scale: Math.max(scale, 1e-9), width, height }
}

/** Between what and what all but a part on each side lie. */
function middle(events: MapView['events'], of: 'x' | 'y', part: number): readonly number[] {
  if (events.length === 0) return []
  const sorted = Float64Array.from(events, (event) => event[of]).sort()
  const cut = Math.floor(part * sorted.length)
  return [sorted[cut], sorted[sorted.length - 1 - cut]]
}

/** A window that holds the new one and is not much too large for it stays: what moves is then the model, not the picture. */
export function steadyFrame(before: Frame | null, wanted: Frame): Frame {
  if (before === null || before.width !== wanted.width || before.height !== wanted.height) return wanted
  const ratio = before.scale / wanted.scale
  const isNear =
    Math.abs(before.x - wanted.x) * before.scale < margin && Math.abs(before.y - wanted.y) * before.scale < margin
  return ratio > 0.75 && ratio < 1.1 && isNear ? before : wanted
}

export function placeIn({ x, y, scale, width, height }: Frame, at: { readonly x: number; readonly y: number }) {
  return { left: width / 2 + (at.x - x) * scale, top: height / 2 - (at.y - y) * scale }
}

/** Radius of a centroid's circle, in pixels: its area is the share. */
export function radiusOf(share: number): number {
  return Math.max(9, Math.min(34, 62 * Math.sqrt(share)))
}

/** A part of the way from one window to another of the same size, 0 to 1. */
export function frameBetween(from: Frame | null, to: Frame, part: number): Frame {
  if (from === null || part >= 1 || from.width !== to.width || from.height !== to.height) return to
  const mixed = (a: number, b: number) => a + (b - a) * part
  return { ...to, x: mixed(from.x, to.x), y: mixed(from.y, to.y), scale: from.scale * (to.scale / from.scale) ** part }
}
