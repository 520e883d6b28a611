/** Where customers spend: merchants with a category, a place and a price level. */
import type { Random } from '../core/kmeans/random.ts'
import { chance, WeightedChoice } from './chance.ts'
import { type City, cities, roundDegrees } from './geography.ts'

interface Category {
  readonly name: string
  /** ISO 18245. */
  readonly code: string
  /** Relative number of visits to its merchants. */
  readonly visits: number
  /** Median amount in euros, and the spread of its natural logarithm. */
  readonly medianEuros: number
  readonly spread: number
  /** Share of its merchants that only sell online. */
  readonly online: number
}

const categories: readonly Category[] = [
  { name: 'grocery', code: '5411', visits: 24, medianEuros: 32, spread: 0.6, online: 0.05 },
  { name: 'restaurant', code: '5812', visits: 16, medianEuros: 28, spread: 0.6, online: 0.15 },
  { name: 'fuel', code: '5541', visits: 8, medianEuros: 48, spread: 0.35, online: 0 },
  { name: 'fashion', code: '5651', visits: 8, medianEuros: 55, spread: 0.7, online: 0.5 },
  { name: 'transit', code: '4111', visits: 8, medianEuros: 7, spread: 0.6, online: 0.1 },
  { name: 'pharmacy', code: '5912', visits: 6, medianEuros: 18, spread: 0.6, online: 0.15 },
  { name: 'entertainment', code: '7832', visits: 6, medianEuros: 22, spread: 0.6, online: 0.5 },
  { name: 'cash', code: '6011', visits: 6, medianEuros: 80, spread: 0.5, online: 0 },
  { name: 'home', code: '5200', visits: 5, medianEuros: 70, spread: 0.8, online: 0.3 },
  { name: 'electronics', code: '5732', visits: 4, medianEuros: 140, spread: 0.9, online: 0.5 },
  { name: 'utilities', code: '4900', visits: 3, medianEuros: 85, spread: 0.45, online: 0.9 },
  { name: 'gaming', code: '5816', visits: 3, medianEuros: 15, spread: 0.8, online: 1 },
  { name: 'travel', code: '4722', visits: 2, medianEuros: 260, spread: 0.8, online: 0.7 },
  { name: 'jewellery', code: '5944', visits: 1, medianEuros: 240, spread: 0.8, online: 0.2 },
]

export interface Merchant {
  readonly id: string
  readonly category: string
  /** ISO 18245. */
  readonly categoryCode: string
  readonly country: string
  readonly latitude: number
  readonly longitude: number
  readonly online: boolean
  /** Natural logarithm of its median amount in euros. */
  readonly logPrice: number
  readonly spread: number
  readonly visits: number
}

/** Merchants and the ways to choose among them. */
export interface Market {
  readonly merchants: readonly Merchant[]
  /** By index of city: its merchants with a door. */
  readonly local: readonly Shelf[]
  readonly online: Shelf
  /** By index of city: one where small fares are paid, and one where cash is drawn. */
  readonly transit: readonly Merchant[]
  readonly cash: readonly Merchant[]
}

/** Some merchants, drawn by how much they are visited. */
export interface Shelf {
  readonly merchants: readonly Merchant[]
  readonly choice: WeightedChoice
}

/** The fewest that give every city something of what its visitors need. */
export const minMerchants = cities.length * 4

/** Makes `count` merchants, at least `minMerchants`, from chance. */
export function createMarket(count: number, random: Random): Market {
  const merchants: Merchant[] = []
  const local = cities.map((): Merchant[] => [])
  const add = (category: Category, cityIndex: number, online: boolean) => {
    const merchant = createMerchant(`m-${merchants.length}`, category, cities[cityIndex], online, random)
    merchants.push(merchant)
    if (!online) local[cityIndex].push(merchant)
  }
  for (const name of ['grocery', 'restaurant', 'transit', 'cash']) {
    const category = categories.find((each) => each.name === name) as Category
    for (let city = 0; city < cities.length; city++) add(category, city, false)
  }
  const byCity = new WeightedChoice(cities.map((city) => city.residents + 0.2 * city.visitors))
  const byCategory = new WeightedChoice(categories.map((category) => Math.sqrt(category.visits)))
  while (merchants.length < count) {
    const category = categories[byCategory.draw(random)]
    add(category, byCity.draw(random), chance(random, category.online))
  }
  const online = merchants.filter((merchant) => merchant.online)
  return {
    merchants,
    local: local.map(shelf),
    online: shelf(online.length > 0 ? online : merchants),
    transit: local.map((there) => there.find((each) => each.category === 'transit') as Merchant),
    cash: local.map((there) => there.find((each) => each.category === 'cash') as Merchant),
  }
}

function createMerchant(id: string, category: Category, city: City, online: boolean, random: Random): Merchant {
  return {
    id,
    category: category.name,
    categoryCode: category.code,
    country: city.country,
    latitude: roundDegrees(city.latitude + 0.05 * random.gaussian()),
    longitude: roundDegrees(city.longitude + 0.07 * random.gaussian()),
    online,
    logPrice: Math.log(category.medianEuros) + 0.35 * random.gaussian(),
    spread: category.spread,
    visits: category.visits * Math.exp(0.8 * random.gaussian()),
  }
}

function shelf(merchants: readonly Merchant[]): Shelf {
  return { merchants, choice: new WeightedChoice(merchants.map((merchant) => merchant.visits)) }
}

export function drawMerchant(from: Shelf, random: Random): Merchant {
  return from.merchants[from.choice.draw(random)]
}
