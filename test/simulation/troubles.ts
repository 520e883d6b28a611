/** What is wrong with the world at present: what faults set, and what ports ask before they do anything. */
import type { Request } from '../../src/adapters/memory/wire.ts'
import type { Random } from '../../src/core/random.ts'
import { happens } from './draw.ts'

/** What becomes of a request. */
export type Fate = 'as usual' | 'request lost' | 'answer lost' | 'held up'

export interface WireTrouble {
  /** Null: every process's. */
  readonly slot: number | null
  /** Null: all requests. */
  readonly requests: readonly Request[] | null
  readonly fate: Exclude<Fate, 'as usual'>
  /** Of the requests, how many. */
  readonly share: number
}

export type ServiceTrouble = 'answers' | 'is slow' | 'is down'

export class Troubles {
  readonly wires = new Set<WireTrouble>()
  store: ServiceTrouble = 'answers'
  registry: ServiceTrouble = 'answers'

  fateOf(slot: number, request: Request, random: Random): Fate {
    for (const trouble of this.wires) {
      const isMeant =
        (trouble.slot === null || trouble.slot === slot) &&
        (trouble.requests === null || trouble.requests.includes(request))
      if (isMeant && happens(random, trouble.share)) return trouble.fate
    }
    return 'as usual'
  }

  end(): void {
    this.wires.clear()
    this.store = 'answers'
    this.registry = 'answers'
  }
}
