/** Who spends: customers with a home, habits and a way of life. */
import type { Random } from '../core/kmeans/random.ts'
import { between, WeightedChoice } from './chance.ts'
import { cities, currencies } from './geography.ts'
import { drawMerchant, type Market, type Merchant } from './merchants.ts'
import { activityByHour, type Persona, personas, weekHours } from './personas.ts'

export interface Customer {
  readonly id: string
  readonly persona: Persona
  /** Index into `cities`. */
  readonly homeCity: number
  readonly latitude: number
  readonly longitude: number
  readonly currency: string
  /** Natural logarithm of the currency's units in a euro. */
  readonly logPerEuro: number
  /** Natural logarithm of how much more than others it spends. */
  readonly logLevel: number
  /** How much its amounts scatter, relative to others. */
  readonly spread: number
  /** Share of purchases made online, and of purchases paid with a phone. */
  readonly online: number
  readonly phone: number
  readonly favourites: readonly Merchant[]
  /** Which of the favourites: the first ones far more often. */
  readonly favourite: WeightedChoice
  /** Relative number of its transactions. */
  readonly activity: number
  /** The journey it is on, or was last on. */
  awayCity: number
  awayUntilMs: number
}

/** The customers, and who of them pays when. */
export interface Population {
  readonly customers: readonly Customer[]
  /** Transactions in each hour of the week, relative to the mean hour. */
  readonly rate: Float64Array
  /** A customer who pays in this hour of the week. */
  draw(hour: number, random: Random): Customer
}

/** Makes `count` customers from chance. */
export function createPopulation(count: number, market: Market, random: Random): Population {
  const home = new WeightedChoice(cities.map((city) => city.residents))
  const way = new WeightedChoice(personas.map((persona) => persona.share))
  const customers = Array.from({ length: count }, (_, index) =>
    createCustomer(`c-${index}`, personas[way.draw(random)], home.draw(random), market, random),
  )
  return { customers, ...rhythmOf(customers) }
}

function createCustomer(id: string, persona: Persona, homeCity: number, market: Market, random: Random): Customer {
  const city = cities[homeCity]
  const currency = currencies[city.country]
  const favourites = Array.from({ length: 8 }, (_, rank) =>
    drawMerchant(rank % 4 === 3 ? market.online : market.local[homeCity], random),
  )
  return {
    id,
    persona,
    homeCity,
    latitude: city.latitude + 0.08 * random.gaussian(),
    longitude: city.longitude + 0.11 * random.gaussian(),
    currency: currency.code,
    logPerEuro: Math.log(currency.perEuro),
    logLevel: persona.logLevel + 0.4 * random.gaussian(),
    spread: between(random, 0.6, 1.2),
    online: persona.online * between(random, 0.4, 1.6),
    phone: persona.phone * between(random, 0.3, 1.7),
    favourites,
    favourite: new WeightedChoice(favourites.map((_, rank) => 1 / (rank + 1))),
    activity: Math.exp(0.6 * random.gaussian()),
    awayCity: homeCity,
    awayUntilMs: Number.NEGATIVE_INFINITY,
  }
}

/** The season of the week: the persona is drawn by the hour, the customer by its activity; both in constant time. */
function rhythmOf(customers: readonly Customer[]): Pick<Population, 'rate' | 'draw'> {
  const groups = personas
    .map((persona) => ({ persona, members: customers.filter((customer) => customer.persona === persona) }))
    .filter((group) => group.members.length > 0)
    .map(({ persona, members }) => {
      const activities = members.map((customer) => customer.activity)
      const total = activities.reduce((sum, activity) => sum + activity, 0)
      const hours = activityByHour(persona)
      const week = hours.reduce((sum, height) => sum + height, 0)
      return { members, choice: new WeightedChoice(activities), hours: hours.map((height) => (total * height) / week) }
    })
  const rate = new Float64Array(weekHours)
  for (const group of groups) for (let hour = 0; hour < weekHours; hour++) rate[hour] += group.hours[hour]
  const byHour = Array.from(rate, (_, hour) => new WeightedChoice(groups.map((group) => group.hours[hour])))
  const mean = rate.reduce((sum, height) => sum + height, 0) / weekHours
  return {
    rate: rate.map((height) => height / mean),
    draw: (hour, random) => {
      const group = groups[byHour[hour].draw(random)]
      return group.members[group.choice.draw(random)]
    },
  }
}
