/** A stream of card transactions, decided by its seed alone. */
import type { Random } from '../core/kmeans/random.ts'
import { chance, exponential, randomFor } from './chance.ts'
import { createPopulation } from './customers.ts'
import { DueQueue } from './due-queue.ts'
import type { Flaw } from './flaws.ts'
import { type FraudKind, type FraudTally, fraudKinds, planCampaign, type World } from './frauds.ts'
import { createMarket, minMerchants } from './merchants.ts'
import { hourOfWeek } from './personas.ts'
import { purchase } from './purchases.ts'
import { type PlantedShifts, shiftAt } from './shifts.ts'
import type { Draft, Transaction } from './transaction.ts'

export interface TransactionStreamOptions {
  readonly seed?: number
  /** Default 2,000. */
  readonly customers?: number
  /** Default 1,000; at least `minMerchants`. */
  readonly merchants?: number
  /** Share of transactions that are fraudulent, in the long run. Default 0.005. */
  readonly frauds?: number
  /** Share of records that are invalid. Default 0.01. */
  readonly invalid?: number
  /** The flaws that invalid records have, evenly: those of the format that they will be written in. */
  readonly flaws: readonly Flaw[]
  /** Default: none. */
  readonly shifts?: PlantedShifts
  /** When the first transaction may happen. Default: Monday, 5 January 2026. */
  readonly startMs?: number
  /** Mean over the week, in the time of the events. Default: four a day and customer. */
  readonly eventsPerSecond?: number
}

/** A transaction with the truth about it, which never enters the event itself. */
export interface GeneratedEvent {
  /** Its place in the stream, from 0. */
  readonly position: number
  readonly transaction: Transaction
  readonly fraud: FraudKind | null
  /** How the record is to be broken when it is written; null: not at all. */
  readonly flaw: Flaw | null
}

export interface TransactionStream {
  /** The next event; there is always one, and its time is never before the last one's. */
  next(): GeneratedEvent
}

const defaultStartMs = Date.UTC(2026, 0, 5)
const dayS = 86_400

/**
 * Constant work and memory per event, but for the frauds that are planned for the following night. An event depends on
 * the options and its position only. Throws RangeError for an option out of range.
 */
export function createTransactionStream(options: TransactionStreamOptions): TransactionStream {
  const { seed = 1, customers = 2_000, merchants = 1_000, frauds = 0.005, invalid = 0.01, shifts = {} } = options
  const { startMs = defaultStartMs, eventsPerSecond = (customers * 4) / dayS } = options
  within('customers', customers, 1, 10_000_000)
  within('merchants', merchants, minMerchants, 1_000_000)
  within('frauds', frauds, 0, 0.5)
  within('invalid', invalid, 0, 1)
  within('eventsPerSecond', eventsPerSecond, Number.MIN_VALUE, 1e9)
  const world = createWorld(seed, customers, merchants)
  const honest = randomFor(seed, 'honest')
  const flawed = randomFor(seed, 'flaws')
  const crime = createCrime(world, frauds, randomFor(seed, 'frauds'))
  const { population, market } = world
  const gapMs = 1000 / eventsPerSecond
  let position = 0
  let honestAt = startMs

  const nextDraft = (): { readonly draft: Draft; readonly fraud: FraudKind | null } => {
    if (crime.due.nextDue <= honestAt) return crime.due.take()
    const hour = hourOfWeek(honestAt)
    const shift = shiftAt(shifts, position)
    const draft = purchase(market, population.draw(hour, honest), Math.floor(honestAt), shift, honest)
    crime.tempt(Math.ceil(honestAt))
    honestAt += (gapMs * exponential(honest)) / population.rate[hour]
    return { draft, fraud: null }
  }

  return {
    next() {
      const { draft, fraud } = nextDraft()
      crime.count()
      const flaw = chance(flawed, invalid) ? options.flaws[flawed.below(options.flaws.length)] : null
      const event = { position, transaction: withId(`tx-${seed}-${position}`, draft), fraud, flaw }
      position++
      return event
    },
  }
}

function createWorld(seed: number, customers: number, merchants: number): World {
  const random = randomFor(seed, 'world')
  const market = createMarket(merchants, random)
  return { market, population: createPopulation(customers, market, random) }
}

/** The frauds that are planned, and the account that keeps them at their share of all transactions. */
function createCrime(world: World, share: number, random: Random) {
  const due = new DueQueue<{ readonly draft: Draft; readonly fraud: FraudKind }>()
  const tally = Object.fromEntries(fraudKinds.map((kind) => [kind, 0])) as FraudTally
  let credit = 0
  let price = exponential(random)
  return {
    due,
    /** Every transaction earns its share of a fraud. */
    count() {
      credit += share
    },
    /** Begins a campaign when enough has been earned; what it uses beyond that is earned back before the next. */
    tempt(atMs: number) {
      if (share === 0 || credit < price) return
      const { kind, drafts } = planCampaign(world, atMs, tally, random)
      for (const draft of drafts) due.add(draft.occurredAt, { draft, fraud: kind })
      credit -= drafts.length
      price = exponential(random)
    },
  }
}

function withId(id: string, draft: Draft): Transaction {
  return {
    id,
    customer: draft.customer,
    merchant: draft.merchant,
    merchantCategory: draft.merchantCategory,
    amount: draft.amount,
    currency: draft.currency,
    country: draft.country,
    channel: draft.channel,
    occurredAt: draft.occurredAt,
    latitude: draft.latitude,
    longitude: draft.longitude,
    deviceRisk: draft.deviceRisk,
  }
}

function within(option: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) {
    throw new RangeError(`${option} must be between ${least} and ${most}: got ${value}`)
  }
}
