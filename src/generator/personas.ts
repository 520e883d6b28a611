/** When people pay: the hours of the week by way of life. */

/** A bump in the day: the hour of its middle, its spread in hours, its height. */
type Bump = readonly [hour: number, spread: number, height: number]

export interface Persona {
  readonly name: string
  /** Relative number of customers. */
  readonly share: number
  readonly weekday: readonly Bump[]
  readonly weekend: readonly Bump[]
  /** Natural logarithm of how much more than others it spends. */
  readonly logLevel: number
  /** Share of purchases made online, and of purchases paid with a phone. */
  readonly online: number
  readonly phone: number
  /** Relative number of journeys. */
  readonly wanders: number
}

export const personas: readonly Persona[] = [
  {
    name: 'commuter',
    share: 32,
    weekday: [
      [8, 0.8, 1],
      [12.5, 0.8, 1.1],
      [18.2, 1.4, 1.4],
    ],
    weekend: [
      [12, 2.2, 1],
      [18.5, 2.5, 0.8],
    ],
    logLevel: 0.05,
    online: 0.2,
    phone: 0.25,
    wanders: 1,
  },
  {
    name: 'family',
    share: 24,
    weekday: [
      [9.5, 1.4, 0.8],
      [16.8, 1.6, 1.4],
      [20.5, 1.2, 0.5],
    ],
    weekend: [
      [11, 2, 1.8],
      [16, 2, 1.2],
    ],
    logLevel: 0.2,
    online: 0.25,
    phone: 0.15,
    wanders: 0.6,
  },
  {
    name: 'retired',
    share: 20,
    weekday: [
      [10.2, 1.3, 1.6],
      [14.8, 1.6, 0.9],
    ],
    weekend: [[11, 1.6, 0.9]],
    logLevel: -0.1,
    online: 0.06,
    phone: 0.03,
    wanders: 0.8,
  },
  {
    name: 'student',
    share: 14,
    weekday: [
      [13, 1.6, 0.8],
      [19.5, 2.2, 1.2],
      [23, 1.2, 0.5],
    ],
    weekend: [
      [14, 2.2, 0.8],
      [21, 2, 1.2],
      [25, 1.4, 0.9],
    ],
    logLevel: -0.35,
    online: 0.32,
    phone: 0.5,
    wanders: 1,
  },
  {
    name: 'nightWorker',
    share: 6,
    weekday: [
      [2.5, 1.5, 0.7],
      [7, 1, 1],
      [21.5, 1.4, 1.1],
    ],
    weekend: [
      [3, 1.5, 0.6],
      [15, 2.4, 1],
    ],
    logLevel: 0,
    online: 0.28,
    phone: 0.25,
    wanders: 0.5,
  },
  {
    name: 'traveller',
    share: 4,
    weekday: [
      [7.5, 1.2, 1],
      [13, 1.4, 1],
      [20.5, 1.5, 1.6],
    ],
    weekend: [
      [13, 2.5, 0.8],
      [20, 2, 0.8],
    ],
    logLevel: 0.55,
    online: 0.25,
    phone: 0.35,
    wanders: 8,
  },
]

/** Hours in a week; the week begins on Monday, as 168 hours of UTC. */
export const weekHours = 168
const weekMs = 7 * 86_400_000
/** 1970-01-01 was a Thursday. */
const mondayMs = 3 * 86_400_000

/** Which hour of the week a time lies in, 0 to 167. */
export function hourOfWeek(ms: number): number {
  const shifted = (ms + mondayMs) % weekMs
  return Math.floor((shifted < 0 ? shifted + weekMs : shifted) / 3_600_000)
}

/** How active a persona is in each hour of the week; mean over the week as its bumps say, never quite zero. */
export function activityByHour(persona: Persona): Float64Array {
  return Float64Array.from({ length: weekHours }, (_, hour) => {
    const bumps = hour < 120 ? persona.weekday : persona.weekend
    const middle = (hour % 24) + 0.5
    return 0.03 + bumps.reduce((sum, bump) => sum + heightAt(bump, middle), 0)
  })
}

function heightAt([hour, spread, height]: Bump, at: number): number {
  // The day is a circle: 25 is one in the morning.
  const away = Math.abs(((((at - hour) % 24) + 36) % 24) - 12)
  return height * Math.exp(-0.5 * (away / spread) ** 2)
}
