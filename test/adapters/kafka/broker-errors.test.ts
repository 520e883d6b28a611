import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { brokerError, refusal } from '../../../src/adapters/kafka/broker-errors.ts'
import { codeInside, translated } from '../../../src/adapters/kafka/kafka-errors.ts'
import { errorCatalogue, ShoalError } from '../../../src/runtime/errors.ts'

const load = createRequire(import.meta.url)
const { KafkaJSError, KafkaJSProtocolError, KafkaJSNumberOfRetriesExceeded, KafkaJSSASLAuthenticationError } =
  load('kafkajs/src/errors.js')

const names: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../golden/kafka/error-names.json'), 'utf8'),
)
const codes = Object.keys(names)
  .map(Number)
  .filter((code) => code !== 0)

describe('the table of broker errors', () => {
  test('has every error that Kafka has, by its name', () => {
    const expected = Object.entries(names).filter(([code]) => code !== '0')
    expect(expected.length).toBeGreaterThan(130)
    expect(expected.map(([code]) => [code, brokerError(Number(code)).name])).toEqual(expected)
  })

  test('asks again only for what the catalogue calls retriable, and for bytes that were damaged under way', () => {
    for (const code of codes) {
      const { name, again, transaction, code: ours } = brokerError(code)
      if (again !== 'never' && name !== 'CORRUPT_MESSAGE') expect(errorCatalogue[ours].retriable, name).toBe(true)
      expect(transaction === 'fenced', name).toBe(ours === 'log.fenced')
      expect(transaction === 'kept', name).toBe(again !== 'never' || name === 'DUPLICATE_SEQUENCE_NUMBER')
    }
  })

  test.each([22, 25, 47, 49, 90, 110, 113])('says that code %i fences', (code) => {
    expect(refusal(code, 'committing')).toMatchObject({ code: 'log.fenced' })
  })

  test('has a name for a code that it does not know, and does not ask again', () => {
    expect(brokerError(9999)).toMatchObject({ name: 'ERROR_9999', again: 'never', transaction: 'lost' })
  })

  test('says in an error what was asked, what was answered and why', () => {
    expect(refusal(87, 'writing to x', 'timestamp out of range').message).toBe(
      'writing to x: the broker answers INVALID_RECORD (87), timestamp out of range',
    )
  })
})

describe("kafkajs's errors", () => {
  const protocol = (code: number, type: string) =>
    new KafkaJSProtocolError(Object.assign(new Error(type), { code, type, retriable: false }))

  test('give their code, however they were wrapped', () => {
    expect(codeInside(protocol(25, 'UNKNOWN_MEMBER_ID'))).toBe(25)
    const wrapped = new KafkaJSNumberOfRetriesExceeded(protocol(16, 'NOT_COORDINATOR_FOR_GROUP'), {
      retryCount: 2,
      retryTime: 1,
    })
    expect(codeInside(wrapped)).toBe(16)
    expect(codeInside(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))).toBeNull()
  })

  test('become ours: refused for good, or unavailable for now', () => {
    expect(translated(new KafkaJSError('broken pipe'), 'asking')).toMatchObject({
      code: 'log.unavailable',
      message: 'asking: broken pipe',
    })
    expect(translated(new KafkaJSSASLAuthenticationError('wrong password'), 'connecting')).toMatchObject({
      code: 'log.denied',
    })
    expect(translated(protocol(30, 'GROUP_AUTHORIZATION_FAILED'), 'joining')).toMatchObject({ code: 'log.refused' })
    expect(
      translated(Object.assign(new Error('x'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }), 'connecting'),
    ).toMatchObject({ code: 'log.denied' })
    const own = new ShoalError('log.fenced', 'mine')
    expect(translated(own, 'asking')).toBe(own)
  })
})
