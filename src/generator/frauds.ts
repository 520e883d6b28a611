/**
 * The planted frauds: each kind is a campaign of a few to some dozens of transactions. They are hidden among honest
 * people who travel, splurge and shop at night, so no field gives them away: over the default features a clustered
 * score finds about a third within its budget. Collusion and cash-outs look usual in every field; they show only beside
 * what the customer or the merchant did before.
 */
import type { Random } from '../core/kmeans/random.ts'
import { between, chance, exponential } from './chance.ts'
import type { Customer, Population } from './customers.ts'
import { cities, kilometresBetween } from './geography.ts'
import { drawMerchant, type Market, type Merchant } from './merchants.ts'
import { honestRisk, roundAmount, roundRisk, usualLogAmount } from './purchases.ts'
import type { Channel, Draft } from './transaction.ts'

export interface World {
  readonly market: Market
  readonly population: Population
}

export const fraudKinds = [
  'out_of_habit',
  'impossible_travel',
  'stolen_online',
  'cash_out',
  'merchant_collusion',
  'card_testing',
] as const

export type FraudKind = (typeof fraudKinds)[number]

interface Campaign {
  /** Share of all fraudulent transactions that are of this kind. */
  readonly share: number
  /** Fewest and most transactions of one campaign. */
  readonly size: readonly [number, number]
  readonly plan: (world: World, atMs: number, size: number, random: Random) => Draft[]
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const campaigns: { readonly [K in FraudKind]: Campaign } = {
  out_of_habit: { share: 0.2, size: [1, 3], plan: spendOutOfHabit },
  impossible_travel: { share: 0.2, size: [2, 4], plan: appearFarAway },
  stolen_online: { share: 0.2, size: [3, 9], plan: spendAtNight },
  cash_out: { share: 0.08, size: [3, 5], plan: drawCash },
  merchant_collusion: { share: 0.12, size: [10, 30], plan: collude },
  card_testing: { share: 0.2, size: [15, 60], plan: testCards },
}

/** Transactions planned so far, by kind. */
export type FraudTally = { [K in FraudKind]: number }

/**
 * A new campaign that begins at `atMs`: its kind, and its transactions in no particular order, none before `atMs`. It
 * is of the kind that is furthest below its share, so that short streams have every kind too. OUT: `tally`.
 */
export function planCampaign(
  world: World,
  atMs: number,
  tally: FraudTally,
  random: Random,
): { readonly kind: FraudKind; readonly drafts: readonly Draft[] } {
  const use = (kind: FraudKind) => tally[kind] / campaigns[kind].share
  const kind = fraudKinds.reduce((least, each) => (use(each) < use(least) ? each : least))
  const [fewest, most] = campaigns[kind].size
  const size = fewest + random.below(most - fewest + 1)
  tally[kind] += size
  return { kind, drafts: campaigns[kind].plan(world, atMs, size, random) }
}

/** Stolen numbers are tried out with tiny sums at one online merchant, seconds apart. */
function testCards(world: World, atMs: number, size: number, random: Random): Draft[] {
  const merchant = drawMerchant(world.market.online, random)
  return after(atMs, size, 8_000, random).map((time) => {
    const victim = anyone(world, random)
    const amount = between(random, 0.3, 3) * Math.exp(victim.logPerEuro)
    return charge(victim, merchant, 'ecom', amount, time, { deviceRisk: thiefsRisk(random) })
  })
}

/** One card buys, within hours, far dearer things than it ever did. */
function spendOutOfHabit(world: World, atMs: number, size: number, random: Random): Draft[] {
  const victim = anyone(world, random)
  return after(atMs, size, hourMs, random).map((time) => {
    const merchant = merchantOf(world, victim.homeCity, ['electronics', 'jewellery', 'travel', 'fashion'], random)
    const amount = Math.exp(usualLogAmount(victim, merchant, random)) * between(random, 4, 14)
    return charge(victim, merchant, merchant.online ? 'ecom' : 'pos', amount, time, { deviceRisk: thiefsRisk(random) })
  })
}

/** A copied card is used where its owner cannot be: more than 1,500 km from home, between purchases at home. */
function appearFarAway(world: World, atMs: number, size: number, random: Random): Draft[] {
  const victim = anyone(world, random)
  const far = cities.flatMap((city, index) => (kilometresBetween(victim, city) > 1500 ? [index] : []))
  const place = far[random.below(far.length)]
  return after(atMs, size, 20 * minuteMs, random).map((time) => {
    const merchant = drawMerchant(world.market.local[place], random)
    const amount = Math.exp(usualLogAmount(victim, merchant, random)) * between(random, 1, 3)
    return charge(victim, merchant, merchant.category === 'cash' ? 'atm' : 'pos', amount, time, {})
  })
}

/** A stolen number is emptied online in the small hours, for what can be sold on. */
function spendAtNight(world: World, atMs: number, size: number, random: Random): Draft[] {
  const victim = anyone(world, random)
  const night = Math.ceil(atMs / dayMs) * dayMs + between(random, 0.5, 3) * hourMs
  return after(night, size, 6 * minuteMs, random).map((time) => {
    const merchant = onlineMerchantOf(world, ['gaming', 'electronics', 'travel'], random)
    const amount = Math.exp(usualLogAmount(victim, merchant, random)) * between(random, 1.5, 5)
    return charge(victim, merchant, 'ecom', amount, time, { deviceRisk: thiefsRisk(random) })
  })
}

/** A merchant charges cards that it has seen the same round sum, within a day. The hardest kind: each one looks usual. */
function collude(world: World, atMs: number, size: number, random: Random): Draft[] {
  const merchant = drawMerchant(world.market.local[anyone(world, random).homeCity], random)
  const sum = Math.max(10, Math.round((Math.exp(merchant.logPrice) * between(random, 2, 4)) / 10) * 10) - 0.01
  return after(atMs, size, hourMs / 2, random).map((time) => {
    const victim = anyone(world, random)
    return charge(victim, merchant, 'pos', sum * Math.exp(victim.logPerEuro), time, {})
  })
}

/** The highest sum that a machine gives, again and again, far into the night. */
function drawCash(world: World, atMs: number, size: number, random: Random): Draft[] {
  const victim = anyone(world, random)
  const midnight = Math.ceil(atMs / dayMs) * dayMs - between(random, 0, 2) * hourMs
  return after(Math.max(atMs, midnight), size, 3 * minuteMs, random).map((time) => {
    const amount = between(random, 380, 520) * Math.exp(victim.logPerEuro)
    return charge(victim, world.market.cash[victim.homeCity], 'atm', amount, time, {})
  })
}

/** `count` times from `from` on, with an exponential gap of mean `gapMs` before each. */
function after(from: number, count: number, gapMs: number, random: Random): number[] {
  const times: number[] = []
  for (let at = from; times.length < count; ) {
    at += gapMs * exponential(random)
    times.push(Math.round(at))
  }
  return times
}

function anyone(world: World, random: Random): Customer {
  return world.population.customers[random.below(world.population.customers.length)]
}

/** A merchant of one of these categories, near or online, or any other after some tries. */
function merchantOf(world: World, city: number, wanted: readonly string[], random: Random): Merchant {
  const from = chance(random, 0.5) ? world.market.local[city] : world.market.online
  let merchant = drawMerchant(from, random)
  for (let tries = 0; tries < 20 && !wanted.includes(merchant.category); tries++) merchant = drawMerchant(from, random)
  return merchant
}

function onlineMerchantOf(world: World, wanted: readonly string[], random: Random): Merchant {
  let merchant = drawMerchant(world.market.online, random)
  for (let tries = 0; tries < 20 && !wanted.includes(merchant.category); tries++) {
    merchant = drawMerchant(world.market.online, random)
  }
  return merchant
}

function charge(
  victim: Customer,
  merchant: Merchant,
  channel: Channel,
  amount: number,
  occurredAt: number,
  device: { readonly deviceRisk?: number },
): Draft {
  const online = channel === 'ecom' || channel === 'app'
  return {
    customer: victim.id,
    merchant: merchant.id,
    merchantCategory: merchant.categoryCode,
    amount: roundAmount(amount, channel),
    currency: victim.currency,
    country: merchant.country,
    channel,
    occurredAt,
    latitude: online ? null : merchant.latitude,
    longitude: online ? null : merchant.longitude,
    deviceRisk: online ? (device.deviceRisk ?? null) : null,
  }
}

/** Mostly high; one in four passes for the owner's own device. */
function thiefsRisk(random: Random): number {
  return chance(random, 0.25) ? honestRisk(random) : roundRisk(between(random, 0.25, 0.95))
}
