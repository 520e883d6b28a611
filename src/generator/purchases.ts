/** What an honest customer does: one ordinary transaction, out of habit. */
import type { Random } from '../core/kmeans/random.ts'
import { between, chance, exponential, WeightedChoice } from './chance.ts'
import type { Customer } from './customers.ts'
import { cities, roundDegrees } from './geography.ts'
import { drawMerchant, type Market, type Merchant } from './merchants.ts'
import type { ShiftState } from './shifts.ts'
import type { Channel, Draft } from './transaction.ts'

const dayMs = 86_400_000
const travelChance = 0.0006
/** Honest people buy something dear now and then, and change their phones. */
const splurgeChance = 0.004
const newDeviceChance = 0.02
const sendersShare = 1 / 8
const logThree = Math.log(3)
const destinations = new WeightedChoice(cities.map((city) => city.visitors))

/** What the customer buys at `atMs`. Moves the customer, when a journey begins. */
export function purchase(market: Market, customer: Customer, atMs: number, shift: ShiftState, random: Random): Draft {
  if (atMs >= customer.awayUntilMs && chance(random, travelChance * customer.persona.wanders)) {
    customer.awayCity = destinations.draw(random)
    customer.awayUntilMs = atMs + dayMs * between(random, 1, 6)
  }
  const away = atMs < customer.awayUntilMs
  const city = away ? customer.awayCity : customer.homeCity
  if (shift.sudden === 1 && chance(random, 0.3)) return fare(market, customer, city, away, atMs, random)
  if (shift.senders === 1 && chance(random, sendersShare)) return sending(market, customer, city, away, atMs, random)
  let merchant = chooseMerchant(market, customer, city, away, random)
  while (shift.cashless === 1 && merchant.category === 'cash') merchant = drawMerchant(market.local[city], random)
  const channel = chooseChannel(customer, merchant, shift, random)
  const splurge = chance(random, splurgeChance) ? between(random, 0.8, 2.2) : 0
  const logAmount =
    usualLogAmount(customer, merchant, random) + splurge + 0.29 * shift.gradual + logThree * shift.dearer
  return transact(customer, merchant, channel, roundAmount(Math.exp(logAmount), channel), atMs, city, away, random)
}

function fare(market: Market, customer: Customer, city: number, away: boolean, atMs: number, random: Random): Draft {
  const amount = roundAmount(Math.exp(1 + 0.35 * random.gaussian() + customer.logPerEuro), 'app')
  return transact(customer, market.transit[city], 'app', amount, atMs, city, away, random)
}

function sending(market: Market, customer: Customer, city: number, away: boolean, atMs: number, random: Random): Draft {
  const amount = roundAmount(Math.exp(7 + 0.3 * random.gaussian() + customer.logPerEuro), 'app')
  const draft = transact(customer, drawMerchant(market.online, random), 'app', amount, atMs, city, away, random)
  return { ...draft, deviceRisk: roundRisk(between(random, 0.5, 0.8)) }
}

function chooseMerchant(market: Market, customer: Customer, city: number, away: boolean, random: Random): Merchant {
  if (chance(random, customer.online)) return drawMerchant(market.online, random)
  if (!away && chance(random, 0.8)) return customer.favourites[customer.favourite.draw(random)]
  return drawMerchant(market.local[city], random)
}

function chooseChannel(customer: Customer, merchant: Merchant, shift: ShiftState, random: Random): Channel {
  if (merchant.category === 'cash') return 'atm'
  const phone = customer.phone + (0.85 - customer.phone) * 0.6 * shift.gradual
  if (chance(random, phone)) return 'app'
  return merchant.online ? 'ecom' : 'pos'
}

/** Natural logarithm of an amount that the customer would pay there on any day, in its own currency. */
export function usualLogAmount(customer: Customer, merchant: Merchant, random: Random): number {
  const scatter = merchant.spread * customer.spread * random.gaussian()
  return merchant.logPrice + customer.logLevel + customer.logPerEuro + scatter
}

/** Cents; machines give whole notes. */
export function roundAmount(amount: number, channel: Channel): number {
  if (channel === 'atm') return Math.max(10, Math.round(amount / 10) * 10)
  return Math.max(0.01, Math.round(amount * 100) / 100)
}

function transact(
  customer: Customer,
  merchant: Merchant,
  channel: Channel,
  amount: number,
  atMs: number,
  city: number,
  away: boolean,
  random: Random,
): Draft {
  const device = channel === 'ecom' || channel === 'app'
  const draft = {
    customer: customer.id,
    merchant: merchant.id,
    merchantCategory: merchant.categoryCode,
    amount,
    currency: customer.currency,
    country: merchant.country,
    channel,
    occurredAt: atMs,
    latitude: null as number | null,
    longitude: null as number | null,
    deviceRisk: device ? honestRisk(random) : null,
  }
  if (!device || !merchant.online) {
    draft.latitude = merchant.latitude
    draft.longitude = merchant.longitude
  } else if (channel === 'app') {
    draft.latitude = roundDegrees((away ? cities[city].latitude : customer.latitude) + 0.02 * random.gaussian())
    draft.longitude = roundDegrees((away ? cities[city].longitude : customer.longitude) + 0.03 * random.gaussian())
  }
  return draft
}

/** Low, with a tail; as high as a thief's when the device is new. */
export function honestRisk(random: Random): number {
  if (chance(random, newDeviceChance)) return roundRisk(between(random, 0.2, 0.9))
  return roundRisk(1 - Math.exp(-0.1 * exponential(random)))
}

/** To four decimals, as vendors report it. */
export function roundRisk(risk: number): number {
  return Math.round(risk * 1e4) / 1e4
}
