/** How long things take in a world. Times are whole milliseconds, so that much happens at the same time: in any order. */
import type { Random } from '../../src/core/kmeans/random.ts'
import { between, happens } from './draw.ts'

export type Pace = 'at once' | 'even' | 'jumpy'

/** One way, or one piece of work. */
export function durationMs(pace: Pace, random: Random): number {
  switch (pace) {
    case 'at once':
      return happens(random, 0.9) ? 0 : 1
    case 'even':
      return between(random, 0, 4)
    case 'jumpy':
      return happens(random, 0.9)
        ? between(random, 0, 1)
        : happens(random, 0.9)
          ? between(random, 5, 50)
          : between(random, 100, 1500)
  }
}

/** What is held up takes longer than anything usual, and sometimes longer than sessions and transactions last. */
export function holdUpMs(random: Random): number {
  return between(random, 50, 4000)
}

/** How long somebody waits for an answer that does not come. */
export function patienceMs(random: Random): number {
  return between(random, 20, 600)
}
