/** How the numbers of a column are bent before anything is measured on them: part of a model, fixed at its birth. */

export const ShapeKind = { plain: 0, log: 1, squash: 2 } as const

/** Of each column its kind, and for `squash` where it is straight and how wide; length d each. */
export interface Shapes {
  readonly kind: Uint8Array
  readonly centre: Float64Array
  readonly scale: Float64Array
}

/** Linear to about so many robust spreads from the median, logarithmic beyond. */
const straightSpreads = 10
/** No value beyond counts for more: the difference of two is finite, and so is its square. */
const largest = 1e100

export function plainShapes(d: number): Shapes {
  return { kind: new Uint8Array(d), centre: new Float64Array(d), scale: new Float64Array(d).fill(1) }
}

/** A finite value of column c, bent. */
export function bent({ kind, centre, scale }: Shapes, c: number, x: number): number {
  switch (kind[c]) {
    case ShapeKind.log:
      return x >= 0 ? Math.log1p(x) : -Math.log1p(-x)
    case ShapeKind.squash:
      return straightSpreads * Math.asinh((bounded(x) - centre[c]) / scale[c] / straightSpreads)
    default:
      return x
  }
}

/** The value that was bent to y, in the user's units. */
export function unbent({ kind, centre, scale }: Shapes, c: number, y: number): number {
  switch (kind[c]) {
    case ShapeKind.log:
      return bounded(y >= 0 ? Math.expm1(y) : -Math.expm1(-y))
    case ShapeKind.squash:
      return bounded(centre[c] + bounded(straightSpreads * scale[c] * Math.sinh(y / straightSpreads)))
    default:
      return y
  }
}

function bounded(x: number): number {
  return Math.max(-largest, Math.min(largest, x))
}

/** Whether the shapes are such as a birth gives: nothing else may bend what is learned from. */
export function areSound({ kind, centre, scale }: Shapes): boolean {
  for (let c = 0; c < kind.length; c++) {
    if (kind[c] > ShapeKind.squash || !(Math.abs(centre[c]) <= largest)) return false
    if (!(scale[c] > 0 && scale[c] <= 4 * largest)) return false
  }
  return true
}
