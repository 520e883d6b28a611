/** A card transaction as schemas/transaction.avsc describes it. */

export type Channel = 'pos' | 'ecom' | 'atm' | 'app'

/** Fields in the order of the schema. */
export interface Transaction {
  readonly id: string
  readonly customer: string
  readonly merchant: string
  readonly merchantCategory: string
  /** In the customer's currency. */
  readonly amount: number
  readonly currency: string
  /** Where the merchant is, ISO 3166-1 alpha-2. */
  readonly country: string
  readonly channel: Channel
  /** Milliseconds since the epoch. */
  readonly occurredAt: number
  /** Degrees; null where no place is known. */
  readonly latitude: number | null
  readonly longitude: number | null
  /** 0 to 1, as a device fingerprint would say; null where no device took part. */
  readonly deviceRisk: number | null
}

/** A transaction before it has its place in the stream. */
export type Draft = Omit<Transaction, 'id'>
