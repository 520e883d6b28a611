/** The places of the generated world: real coordinates, so that distances mean something. */
import { greatCircleKm } from '../core/profiles/great-circle.ts'

export interface City {
  readonly country: string
  readonly latitude: number
  readonly longitude: number
  /** Share of the customers that live here; 0 for a place that is only travelled to. */
  readonly residents: number
  /** Relative pull on travellers. */
  readonly visitors: number
}

/** What a country's customers pay in, and how many of it make a euro. */
export interface Currency {
  readonly code: string
  readonly perEuro: number
}

export const currencies: Readonly<Record<string, Currency>> = {
  DE: { code: 'EUR', perEuro: 1 },
  FR: { code: 'EUR', perEuro: 1 },
  NL: { code: 'EUR', perEuro: 1 },
  ES: { code: 'EUR', perEuro: 1 },
  IT: { code: 'EUR', perEuro: 1 },
  GB: { code: 'GBP', perEuro: 0.85 },
  CH: { code: 'CHF', perEuro: 0.95 },
  PL: { code: 'PLN', perEuro: 4.3 },
}

export const cities: readonly City[] = [
  { country: 'DE', latitude: 52.52, longitude: 13.405, residents: 9, visitors: 6 },
  { country: 'DE', latitude: 53.551, longitude: 9.994, residents: 6, visitors: 3 },
  { country: 'DE', latitude: 48.137, longitude: 11.576, residents: 6, visitors: 4 },
  { country: 'DE', latitude: 50.938, longitude: 6.96, residents: 5, visitors: 2 },
  { country: 'FR', latitude: 48.857, longitude: 2.352, residents: 11, visitors: 10 },
  { country: 'FR', latitude: 45.764, longitude: 4.836, residents: 4, visitors: 3 },
  { country: 'FR', latitude: 43.296, longitude: 5.37, residents: 4, visitors: 4 },
  { country: 'NL', latitude: 52.368, longitude: 4.904, residents: 6, visitors: 7 },
  { country: 'NL', latitude: 51.924, longitude: 4.478, residents: 4, visitors: 1 },
  { country: 'ES', latitude: 40.417, longitude: -3.704, residents: 7, visitors: 5 },
  { country: 'ES', latitude: 41.385, longitude: 2.173, residents: 5, visitors: 8 },
  { country: 'IT', latitude: 41.903, longitude: 12.496, residents: 6, visitors: 7 },
  { country: 'IT', latitude: 45.464, longitude: 9.19, residents: 5, visitors: 4 },
  { country: 'GB', latitude: 51.507, longitude: -0.128, residents: 9, visitors: 9 },
  { country: 'GB', latitude: 53.481, longitude: -2.242, residents: 4, visitors: 2 },
  { country: 'CH', latitude: 47.377, longitude: 8.541, residents: 3, visitors: 3 },
  { country: 'PL', latitude: 52.23, longitude: 21.012, residents: 4, visitors: 2 },
  { country: 'AT', latitude: 48.208, longitude: 16.373, residents: 0, visitors: 4 },
  { country: 'PT', latitude: 38.722, longitude: -9.139, residents: 0, visitors: 5 },
  { country: 'GR', latitude: 37.984, longitude: 23.728, residents: 0, visitors: 4 },
  { country: 'TR', latitude: 41.008, longitude: 28.978, residents: 0, visitors: 3 },
  { country: 'US', latitude: 40.713, longitude: -74.006, residents: 0, visitors: 2 },
  { country: 'AE', latitude: 25.205, longitude: 55.271, residents: 0, visitors: 1 },
  { country: 'TH', latitude: 13.756, longitude: 100.502, residents: 0, visitors: 1 },
  { country: 'BR', latitude: -23.551, longitude: -46.633, residents: 0, visitors: 0.5 },
  { country: 'NG', latitude: 6.524, longitude: 3.379, residents: 0, visitors: 0.2 },
]

export function kilometresBetween(from: Position, to: Position): number {
  return greatCircleKm(from.latitude, from.longitude, to.latitude, to.longitude)
}

interface Position {
  readonly latitude: number
  readonly longitude: number
}

/** To five decimals: about a metre, as devices report it. */
export function roundDegrees(degrees: number): number {
  return Math.round(degrees * 1e5) / 1e5
}
