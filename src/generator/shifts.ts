/** The planted shifts: where in the stream behaviour changes, and how far the change has gone. */

/** Places in the stream, counted in records from 0. Unset: no such shift. */
export interface PlantedShifts {
  /**
   * From `from` to `to`, evenly: phones replace cards for a good part of the purchases and prices rise by a
   * third. It stays so.
   */
  readonly gradual?: { readonly from: number; readonly to: number }
  /** From here on, three of ten purchases are small fares paid with a phone. It stays so. */
  readonly sudden?: { readonly at: number }
  /** From here on everything costs three times as much: of all fields the amount alone changes. It stays so. */
  readonly dearer?: { readonly at: number }
  /**
   * From here on customers of a kind that was not there before make one purchase in eight: they send large sums
   * with a phone, from a device that is hardly known. It stays so.
   */
  readonly senders?: { readonly at: number }
  /** From here on nobody draws cash: who would have goes to another merchant. It stays so. */
  readonly cashless?: { readonly at: number }
}

/** The shifts of a stream of `count` records: gradual from 40 % to 60 % of it, sudden at 75 %. */
export function shiftsWithin(count: number): PlantedShifts {
  return {
    gradual: { from: Math.floor(count * 0.4), to: Math.floor(count * 0.6) },
    sudden: { at: Math.floor(count * 0.75) },
  }
}

/** How far the shifts have gone, each from 0 to 1. */
export interface ShiftState {
  readonly gradual: number
  readonly sudden: 0 | 1
  readonly dearer: 0 | 1
  readonly senders: 0 | 1
  readonly cashless: 0 | 1
}

export function shiftAt(shifts: PlantedShifts, position: number): ShiftState {
  const { gradual, sudden, dearer, senders, cashless } = shifts
  return {
    gradual: gradual === undefined ? 0 : progress(position, gradual.from, gradual.to),
    sudden: begun(position, sudden),
    dearer: begun(position, dearer),
    senders: begun(position, senders),
    cashless: begun(position, cashless),
  }
}

function begun(position: number, shift: { readonly at: number } | undefined): 0 | 1 {
  return shift !== undefined && position >= shift.at ? 1 : 0
}

function progress(position: number, from: number, to: number): number {
  if (position < from) return 0
  return position >= to ? 1 : (position - from) / (to - from)
}
