/** The schemas that producers write by: the right one, and those of mistaken ones. */
import type { Schema } from 'avsc'

const device: Schema = { type: 'record', name: 'Device', fields: [{ name: 'score', type: 'double' }] }
const chain: Schema = { type: 'record', name: 'Chain', fields: [{ name: 'next', type: ['null', 'Chain'] }] }

/** The fields of a usual event, in order. */
const fields = {
  id: 'string',
  amount: 'double',
  balance: ['null', 'float'],
  risk: ['null', 'double'],
  at: { type: 'long', logicalType: 'timestamp-millis' },
  seen: ['null', { type: 'long', logicalType: 'timestamp-millis' }],
  channel: { type: 'enum', name: 'Channel', symbols: ['chip', 'online', 'pigeon'] },
  country: 'string',
  online: 'boolean',
  device: ['null', device],
  tags: { type: 'array', items: 'string' },
} as const satisfies Readonly<Record<string, Schema>>

export type AvroField = keyof typeof fields

/** The usual schema with some fields of another type, or without them (null), and more behind them. */
function payment(
  change: { readonly [F in AvroField]?: Schema | null } = {},
  more: Record<string, Schema> = {},
): Schema {
  const types: [string, Schema | null][] = Object.entries({ ...fields, ...change, ...more })
  return {
    type: 'record',
    name: 'Payment',
    fields: types.flatMap(([name, type]) => (type === null ? [] : [{ name, type }])),
  }
}

/** Attributes that avsc's types know nothing of. */
const logical = (schema: object) => schema as Schema
const decimal = (precision: number, scale: number) =>
  logical({ type: 'bytes', logicalType: 'decimal', precision, scale })
const timeOf = (kind: 'int' | 'long', logicalType: string): Schema => ({ type: kind, logicalType })

/** By the name that records of the corpus give. Each is registered under a subject of its own. */
export const writers = {
  payment: payment(),
  extraFields: payment({}, { extra: 'bytes', more: { type: 'map', values: 'long' } }),
  amountFirst: { type: 'record', name: 'Payment', fields: [{ name: 'amount', type: 'double' }] },
  withoutAmount: payment({ amount: null }),
  withoutId: payment({ id: null }),
  withoutAt: payment({ at: null }),
  withoutDevice: payment({ device: null }),
  aliased: {
    type: 'record',
    name: 'Payment',
    fields: Object.entries(fields).map(([name, type]) =>
      name === 'amount' ? { name: 'sum', aliases: ['amount'], type } : { name, type },
    ),
  },
  amountInt: payment({ amount: 'int' }),
  amountLong: payment({ amount: 'long' }),
  amountFloat: payment({ amount: 'float' }),
  amountNullable: payment({ amount: ['null', 'double'] }),
  amountNull: payment({ amount: 'null' }),
  amountText: payment({ amount: 'string' }),
  amountBoolean: payment({ amount: 'boolean' }),
  amountBytes: payment({ amount: 'bytes' }),
  amountArray: payment({ amount: { type: 'array', items: 'double' } }),
  amountMap: payment({ amount: { type: 'map', values: 'double' } }),
  amountRecord: payment({ amount: { type: 'record', name: 'Money', fields: [{ name: 'amount', type: 'double' }] } }),
  amountEnum: payment({ amount: { type: 'enum', name: 'Amount', symbols: ['one'] } }),
  amountOfMany: payment({ amount: ['null', 'string', 'boolean', 'int', 'double'] }),
  amountDecimal: payment({ amount: decimal(20, 2) }),
  amountPrecise: payment({ amount: decimal(100_000, 400) }),
  amountFixed: payment({
    amount: { type: 'fixed', name: 'Sixteen', size: 16, logicalType: 'decimal', precision: 38, scale: 10 } as Schema,
  }),
  atText: payment({ at: 'string' }),
  atNumber: payment({ at: 'long' }),
  atDouble: payment({ at: 'double' }),
  atDate: payment({ at: timeOf('int', 'date') }),
  atMicros: payment({ at: timeOf('long', 'timestamp-micros') }),
  atNanos: payment({ at: timeOf('long', 'timestamp-nanos') }),
  atBoolean: payment({ at: 'boolean' }),
  idLong: payment({ id: 'long' }),
  idDouble: payment({ id: 'double' }),
  idBytes: payment({ id: 'bytes' }),
  channelText: payment({ channel: 'string' }),
  onlineInt: payment({ online: 'int' }),
  onlineText: payment({ online: 'string' }),
  deviceText: payment({ device: 'string' }),
  tagsNull: payment({ tags: { type: 'array', items: 'null' } }),
  tagsMap: payment({ tags: { type: 'map', values: 'int' } }),
  tagsFixed: payment({ tags: { type: 'array', items: { type: 'fixed', name: 'Kilobyte', size: 1024 } } }),
  chained: payment({ tags: ['null', chain] }),
  inUnion: ['null', payment()] as Schema,
  aText: 'string',
  anArray: { type: 'array', items: payment() },
  aMap: { type: 'map', values: 'double' },
  anEnum: { type: 'enum', name: 'Payment', symbols: ['one'] },
  noFields: { type: 'record', name: 'Payment', fields: [] },
} as const satisfies Readonly<Record<string, Schema>>

export type Writer = keyof typeof writers
/** Id in the registry of each, and of a schema that is not Avro. */
export type WriterIds = Readonly<Record<Writer | 'json', number>>
