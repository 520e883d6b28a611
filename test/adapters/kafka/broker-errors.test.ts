import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { brokerError, knownBrokerErrors, refusal } from '../../../src/adapters/kafka/broker-errors.ts'
import { codeInside, translated } from '../../../src/adapters/kafka/kafka-errors.ts'
import { errorCatalogue, ShoalError } from '../../../src/runtime/errors.ts'

const load = createRequire(import.meta.url)
const { KafkaJSError, KafkaJSProtocolError, KafkaJSNumberOfRetriesExceeded, KafkaJSSASLAuthenticationError } =
  load('kafkajs/src/errors.js')

const names: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../golden/kafka/error-names.json'), 'utf8'),
)

describe('the table of broker errors', () => {
  test('names every code as Kafka does', () => {
    const ours = Object.fromEntries(knownBrokerErrors.map((code) => [code, brokerError(code).name]))
    expect(ours).toEqual(Object.fromEntries(knownBrokerErrors.map((code) => [code, names[code]])))
  })

  test('asks again only for what the catalogue calls retriable', () => {
    for (const code of knownBrokerErrors) {
      const entry = brokerError(code)
      if (entry.again !== 'never') expect(errorCatalogue[entry.code].retriable, entry.name).toBe(true)
      expect(entry.transaction === 'fenced', entry.name).toBe(entry.code === 'log.fenced')
    }
  })

  test.each([22, 25, 47, 90])('says that code %i fences', (code) => {
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
      code: 'log.refused',
    })
    expect(translated(protocol(30, 'GROUP_AUTHORIZATION_FAILED'), 'joining')).toMatchObject({ code: 'log.refused' })
    expect(
      translated(Object.assign(new Error('x'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }), 'connecting'),
    ).toMatchObject({ code: 'log.refused' })
    const own = new ShoalError('log.fenced', 'mine')
    expect(translated(own, 'asking')).toBe(own)
  })
})
