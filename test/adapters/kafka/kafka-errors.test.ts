import { expect, test } from 'vitest'
import { translated } from '../../../src/adapters/kafka/kafka-errors.ts'

const withCode = (code: string) => Object.assign(new Error(`Connection error: ${code}`), { code })

test.each([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
])('a certificate that is not trusted, %s, keeps the door shut', (code) => {
  expect(translated(withCode(code), 'connecting')).toMatchObject({ code: 'log.denied' })
})

test.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EPIPE'])('%s is a passing trouble', (code) => {
  expect(translated(withCode(code), 'connecting')).toMatchObject({ code: 'log.unavailable' })
})
