/** What a seed means: the shape of a world, and what goes wrong in it. */
import type { Request } from '../../src/adapters/memory/wire.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { between, happens, oneOf } from './draw.ts'
import type { Pace } from './pace.ts'
import type { Fate, Side } from './troubles.ts'

export interface Shape {
  readonly partitions: number
  /** When each process is first started; it is the slot of all its later lives. */
  readonly startsMs: readonly number[]
  readonly events: number
  readonly inputMs: number
  readonly invalidShare: number
  readonly k: number
  readonly d: number
  readonly birthEvents: number
  readonly birthMaxWaitMs: number
  readonly maxEvents: number
  readonly publishEveryMs: number
  readonly publishEveryEvents: number
  readonly keepAllForMs: number
  readonly sessionTimeoutMs: number
  readonly transactionTimeoutMs: number
  readonly historyLimit: number
  readonly store: 'memory' | 'files' | 'none'
  /** Whether features ask for profiles. */
  readonly profiles: boolean
  /** Whether the events change half-way, which is found and reacted to. */
  readonly drifts: boolean
  /** What a person orders of the model meanwhile. */
  readonly orders: number
  /** How often one of two deployments is promoted; 0: there is one. Processes are of the one and of the other in turn. */
  readonly promotions: number
  readonly pace: Pace
}

type Losing = Exclude<Fate, 'as usual'>

/** What goes wrong, when, and for how long. */
export type Fault = { readonly atMs: number } & (
  | { readonly kind: 'kill'; readonly slot: number; readonly backAfterMs: number }
  | { readonly kind: 'stop'; readonly slot: number; readonly backAfterMs: number }
  | { readonly kind: 'stall'; readonly slot: number; readonly forMs: number }
  | {
      readonly kind: 'ambush'
      readonly slot: number
      readonly request: Request
      readonly side: Side
      readonly how: 'kill' | 'stall'
      readonly forMs: number
    }
  | {
      readonly kind: 'wire'
      readonly slot: number | null
      readonly requests: readonly Request[] | null
      readonly fate: Losing
      readonly share: number
      readonly forMs: number
    }
  | { readonly kind: 'store'; readonly how: 'is down' | 'is slow'; readonly forMs: number }
  | {
      readonly kind: 'store changed'
      readonly how: 'emptied' | 'set back' | 'damaged' | 'foreign'
      /** By how much a foreign one is of a later birth, and of a later version. */
      readonly laterMs: number
      readonly laterVersions: number
      /** A process that is started at once, and meets what is there now. */
      readonly restarts: number | null
    }
  | { readonly kind: 'registry'; readonly how: 'is down' | 'is slow'; readonly forMs: number }
  | { readonly kind: 'retention'; readonly topic: 'input' | 'updates' | 'outputs' }
  | { readonly kind: 'growth' }
  | { readonly kind: 'clock'; readonly slot: number; readonly byMs: number }
)

export interface Plan {
  readonly seed: number
  readonly shape: Shape
  /** By time. */
  readonly faults: readonly Fault[]
}

/** One fault of each kind has these odds. */
const kinds: readonly (readonly [Fault['kind'], number])[] = [
  ['kill', 4],
  ['stop', 2],
  ['stall', 5],
  ['ambush', 8],
  ['wire', 6],
  ['store', 1],
  ['store changed', 3],
  ['registry', 1],
  ['retention', 1],
  ['growth', 1],
  ['clock', 1],
]
/** The kinds of a storm. */
const comings: readonly Fault['kind'][] = ['stall', 'stall', 'stall', 'ambush', 'ambush', 'kill', 'stop']
const bag = kinds.flatMap(([kind, odds]) => Array.from({ length: odds }, () => kind))

/** Enough for a reference, and for windows before and after the change. */
const driftingEvents = 700
const somebodysOrders = 12

export function planOf(seed: number, change: Partial<Shape> = {}): Plan {
  const random = new Random(seed)
  // By the seed alone: all else of a world is drawn as if there were none.
  const profiles = seed % 11 === 5 || seed % 11 === 7
  const drifting = seed % 13 === 4 ? { drifts: true, events: driftingEvents } : {}
  const orders = seed % 7 === 3 ? somebodysOrders : 0
  const shape = beside(seed, { ...shapeOf(random), profiles, orders, ...drifting, ...change })
  const faults = faultsOf(random, shape)
  return { seed, shape, faults: faults.sort((a, b) => a.atMs - b.atMs) }
}

/** With a second deployment, as many processes of it. */
function beside(seed: number, shape: Shape): Shape {
  if (shape.promotions === 0 && seed % 5 !== 1) return shape
  const startsMs = shape.startsMs.flatMap((atMs, slot) => [atMs, atMs + 37 * (slot + 1)])
  return { ...shape, startsMs, promotions: Math.max(shape.promotions, 1 + (seed % 4)) }
}

/** None, some of any kind, or a storm: processes come and go so fast that the groups hardly settle. */
function faultsOf(random: Random, shape: Shape): Fault[] {
  if (happens(random, 0.05)) return []
  const isStorm = happens(random, 0.15)
  const count = isStorm ? between(random, 12, 30) : between(random, 1, 12)
  return Array.from({ length: count }, () => faultOf(random, shape, isStorm ? comings : bag))
}

function shapeOf(random: Random): Shape {
  const k = between(random, 2, 4)
  const processes = oneOf(random, [1, 2, 2, 3])
  return {
    partitions: between(random, 1, 4),
    startsMs: Array.from({ length: processes }, (_, slot) => (slot === 0 ? 0 : between(random, 0, 3000))),
    events: between(random, 80, 260),
    inputMs: between(random, 1000, 8000),
    invalidShare: oneOf(random, [0, 0.05, 0.2, 0.6]),
    k,
    d: between(random, 2, 3),
    birthEvents: between(random, 2 * k, 40),
    birthMaxWaitMs: between(random, 0, 2000),
    maxEvents: oneOf(random, [3, 8, 20, 60]),
    publishEveryMs: oneOf(random, [10, 100, 500, 2000]),
    publishEveryEvents: oneOf(random, [10, 50, 1000]),
    keepAllForMs: oneOf(random, [0, 200, 2000, 3_600_000]),
    sessionTimeoutMs: oneOf(random, [500, 1500, 3000]),
    transactionTimeoutMs: oneOf(random, [500, 1500, 3000]),
    historyLimit: between(random, 1, 5),
    profiles: false,
    drifts: false,
    orders: 0,
    promotions: 0,
    store: oneOf(random, ['memory', 'memory', 'memory', 'memory', 'memory', 'memory', 'memory', 'none']),
    pace: oneOf(random, ['at once', 'even', 'even', 'jumpy']),
  }
}

function faultOf(random: Random, shape: Shape, kindsDrawn: readonly Fault['kind'][]): Fault {
  const atMs = between(random, 0, Math.ceil(1.2 * shape.inputMs))
  const slot = random.below(shape.startsMs.length)
  const forMs = oneOf(random, [between(random, 1, 100), between(random, 100, 1500), between(random, 1500, 6000)])
  const kind = oneOf(random, kindsDrawn)
  switch (kind) {
    case 'kill':
    case 'stop':
      return { atMs, kind, slot, backAfterMs: forMs }
    case 'stall':
      return { atMs, kind, slot, forMs: absenceMs(random, shape) }
    case 'ambush': {
      const request = oneOf(random, ['fetch', 'join', 'positions', 'produce', 'stage', 'end', 'leave'] as const)
      const side = oneOf(random, ['asking', 'answered'] as const)
      const how = oneOf(random, ['kill', 'stall'] as const)
      return { atMs, kind, slot, request, side, how, forMs: absenceMs(random, shape) }
    }
    case 'wire':
      return { atMs, kind, forMs, ...wireFault(random, slot) }
    case 'store':
    case 'registry':
      return { atMs, kind, how: oneOf(random, ['is down', 'is slow']), forMs }
    case 'store changed':
      return {
        atMs,
        kind,
        how: oneOf(random, ['emptied', 'set back', 'damaged', 'foreign', 'foreign']),
        laterMs: oneOf(random, [-1000, 0, 1000]),
        laterVersions: oneOf(random, [-1, 0, 1, 1000]),
        restarts: happens(random, 0.5) ? slot : null,
      }
    case 'retention':
      return { atMs, kind, topic: oneOf(random, ['input', 'updates', 'outputs']) }
    case 'growth':
      return { atMs, kind }
    case 'clock':
      return { atMs, kind, slot, byMs: oneOf(random, [-7 * 86_400_000, -5_000, 5_000, 7 * 86_400_000]) }
  }
}

/** Nobody's business, a session's end, or a zombie with a transaction that has been ended for it. */
function absenceMs(random: Random, { sessionTimeoutMs, transactionTimeoutMs }: Shape): number {
  const longMs = oneOf(random, [100, sessionTimeoutMs, sessionTimeoutMs + transactionTimeoutMs])
  return between(random, longMs >>> 1, 2 * longMs)
}

/** One request, the appends of a commit, or all; of one process, or of all. */
function wireFault(random: Random, slot: number) {
  const one: readonly Request[] = [
    'fetch',
    'join',
    'positions',
    'produce',
    'stage',
    'end',
    'bounds',
    'leave',
    'prepare',
  ]
  const requests = oneOf(random, [[oneOf(random, one)], ['produce', 'stage', 'end'] as const, ['end'] as const, null])
  const fate: Losing = oneOf(random, ['request lost', 'answer lost', 'held up', 'delivered twice'])
  return { slot: happens(random, 0.7) ? slot : null, requests, fate, share: oneOf(random, [0.1, 0.5, 1]) }
}
