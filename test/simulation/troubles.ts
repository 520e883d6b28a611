/** What is wrong with the world at present: what faults set, and what ports ask before they do anything. */
import type { Request } from '../../src/adapters/memory/wire.ts'
import type { Random } from '../../src/core/kmeans/random.ts'
import { happens } from './draw.ts'

/** What becomes of a request. */
export type Fate = 'as usual' | 'request lost' | 'answer lost' | 'held up' | 'delivered twice'

export interface WireTrouble {
  /** Null: every process's. */
  readonly slot: number | null
  /** Null: all requests. */
  readonly requests: readonly Request[] | null
  readonly fate: Exclude<Fate, 'as usual'>
  /** Of the requests, how many. */
  readonly share: number
}

/** Something that happens to a process when it is just about to ask, or has just been answered. */
export interface Ambush {
  readonly slot: number
  readonly request: Request
  readonly side: Side
  readonly spring: () => void
}

export type Side = 'asking' | 'answered'

export type ServiceTrouble = 'answers' | 'is slow' | 'is down'

export class Troubles {
  readonly wires = new Set<WireTrouble>()
  readonly ambushes = new Set<Ambush>()
  store: ServiceTrouble = 'answers'
  registry: ServiceTrouble = 'answers'

  fateOf(slot: number, request: Request, random: Random): Fate {
    for (const trouble of this.wires) {
      const isMeant =
        (trouble.slot === null || trouble.slot === slot) &&
        (trouble.requests === null || trouble.requests.includes(request))
      if (!isMeant || !happens(random, trouble.share)) continue
      // One heartbeat among many: a lost one is followed by the next.
      return request === 'heartbeat' ? 'held up' : trouble.fate
    }
    return 'as usual'
  }

  /** Springs what lies in wait here. */
  pass(slot: number, request: Request, side: Side): void {
    for (const ambush of this.ambushes) {
      if (ambush.slot !== slot || ambush.request !== request || ambush.side !== side) continue
      this.ambushes.delete(ambush)
      ambush.spring()
    }
  }

  end(): void {
    this.wires.clear()
    this.ambushes.clear()
    this.store = 'answers'
    this.registry = 'answers'
  }
}
