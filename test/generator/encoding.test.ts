import { readFileSync } from 'node:fs'
import avsc from 'avsc'
import { describe, expect, it } from 'vitest'
import { createAvroEncoder, mistakenSchemas } from '../../src/generator/avro.ts'
import { type EventFormat, type Flaw, flaws, flawsOf } from '../../src/generator/flaws.ts'
import { createJsonEncoder } from '../../src/generator/json.ts'
import { createTransactionStream, type GeneratedEvent } from '../../src/generator/stream.ts'

const schema = JSON.parse(readFileSync(new URL('../../schemas/transaction.avsc', import.meta.url), 'utf8'))
const type = avsc.Type.forSchema(schema, { wrapUnions: false })
const ids = { transaction: 70_000, missingField: 2, wrongType: 3 }
const header = Buffer.from([0, 0, 1, 0x11, 0x70])

function events(count: number, format: EventFormat, invalid = 0): GeneratedEvent[] {
  const stream = createTransactionStream({ flaws: flawsOf(format), invalid })
  return Array.from({ length: count }, () => stream.next())
}

/** One event with the given flaw. */
function flawed(flaw: Flaw): GeneratedEvent {
  return { ...events(1, 'avro')[0], flaw }
}

const avro = (flaw: Flaw) => Buffer.from(createAvroEncoder(ids)(flawed(flaw)) ?? 'null')
const json = (flaw: Flaw) => Buffer.from(createJsonEncoder()(flawed(flaw)) ?? 'null')
const body = (value: Buffer) => value.subarray(5)

describe('a sound event', () => {
  it('in Avro is what avsc reads with the contract, after the registry’s header', () => {
    const encode = createAvroEncoder(ids)
    for (const event of events(2_000, 'avro')) {
      const value = Buffer.from(encode(event) ?? [])
      expect(value.subarray(0, 5)).toEqual(header)
      expect({ ...type.fromBuffer(body(value)) }).toEqual(event.transaction)
    }
  })

  it('in Avro is, byte for byte, what avsc writes', () => {
    const encode = createAvroEncoder(ids)
    for (const event of events(500, 'avro')) {
      expect(body(Buffer.from(encode(event) ?? []))).toEqual(type.toBuffer(event.transaction))
    }
  })

  it('in JSON is the transaction', () => {
    const encode = createJsonEncoder()
    for (const event of events(500, 'json')) {
      expect(JSON.parse(Buffer.from(encode(event) ?? []).toString())).toEqual(event.transaction)
    }
  })
})

describe('a flawed event in Avro', () => {
  it.each(['truncated', 'trailing_bytes', 'impossible_length'] as const)('%s: avsc cannot read it', (flaw) => {
    expect(avro(flaw).subarray(0, 5)).toEqual(header)
    expect(() => type.fromBuffer(body(avro(flaw)))).toThrow()
  })

  it('tombstone and empty value have no bytes', () => {
    expect(createAvroEncoder(ids)(flawed('tombstone'))).toBeNull()
    expect(avro('empty_value')).toHaveLength(0)
  })

  it('not finite: the amount is NaN', () => {
    expect(type.fromBuffer(body(avro('not_finite'))).amount).toBeNaN()
  })

  it('empty id: the id is empty', () => {
    expect(type.fromBuffer(body(avro('empty_id'))).id).toBe('')
  })

  it('invalid UTF-8: the id is not UTF-8', () => {
    const value = avro('invalid_utf8')
    const id = value.subarray(6, 6 + (value[5] >> 1))
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(id)).toThrow()
  })

  it('not wire format: the first byte is not 0', () => {
    expect(avro('not_wire_format')[0]).toBe(1)
  })

  it('unknown schema: the highest id there can be', () => {
    expect(avro('unknown_schema').readInt32BE(1)).toBe(2 ** 31 - 1)
  })

  it('missing field and wrong type are sound by a schema that is wrong', () => {
    const read = (text: string, flaw: Flaw) => ({
      ...avsc.Type.forSchema(JSON.parse(text)).fromBuffer(body(avro(flaw))),
    })
    expect(avro('missing_field').readInt32BE(1)).toBe(2)
    expect(read(mistakenSchemas.missingField, 'missing_field')).not.toHaveProperty('amount')
    expect(avro('wrong_type').readInt32BE(1)).toBe(3)
    expect(read(mistakenSchemas.wrongType, 'wrong_type').amount).toBeTypeOf('string')
  })

  it('after a flawed event the next one is sound', () => {
    const encode = createAvroEncoder(ids)
    for (const event of events(2_000, 'avro', 0.5)) {
      const value = encode(event)
      if (event.flaw === null)
        expect({ ...type.fromBuffer(Buffer.from(value ?? []).subarray(5)) }).toEqual(event.transaction)
    }
  })
})

describe('a flawed event in JSON', () => {
  it.each(['empty_value', 'truncated', 'trailing_bytes'] as const)('%s: it is not JSON', (flaw) => {
    expect(() => JSON.parse(json(flaw).toString())).toThrow()
  })

  it('tombstone has no value', () => {
    expect(createJsonEncoder()(flawed('tombstone'))).toBeNull()
  })

  it('invalid UTF-8: JSON but for its encoding', () => {
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(json('invalid_utf8'))).toThrow()
    expect(JSON.parse(json('invalid_utf8').toString('latin1'))).toHaveProperty('id')
  })

  it('not finite: the amount is more than a double holds', () => {
    expect(JSON.parse(json('not_finite').toString()).amount).toBe(Number.POSITIVE_INFINITY)
  })

  it('missing field, wrong type and empty id are JSON', () => {
    expect(JSON.parse(json('missing_field').toString())).not.toHaveProperty('amount')
    expect(JSON.parse(json('wrong_type').toString()).amount).toBeTypeOf('string')
    expect(JSON.parse(json('empty_id').toString()).id).toBe('')
  })

  it('too deep: 10,000 arrays in one another', () => {
    expect(json('too_deep').toString()).toContain('['.repeat(10_000))
  })
})

describe('the catalogue of flaws', () => {
  it('offers each format those that it can have', () => {
    for (const format of ['avro', 'json'] as const) {
      const encode = format === 'avro' ? createAvroEncoder(ids) : createJsonEncoder()
      for (const flaw of flawsOf(format)) expect(() => encode(flawed(flaw))).not.toThrow()
    }
    expect(new Set([...flawsOf('avro'), ...flawsOf('json')])).toEqual(new Set(Object.keys(flaws)))
  })
})
