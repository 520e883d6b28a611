import { expect, test } from 'vitest'
import { suggest } from '../../../src/runtime/configuration/suggestion.ts'

test.each([
  ['brokrs', 'brokers'],
  ['borkers', 'brokers'],
  ['BROKERS', 'brokers'],
  ['broker', 'brokers'],
  ['sessionTimeoutMS', 'sessionTimeoutMs'],
  ['clientID', 'clientId'],
  ['zebra', null],
  ['', null],
  ['brokers'.repeat(100), null],
])('%s was meant to be %s', (word, meant) => {
  expect(suggest(word, ['brokers', 'clientId', 'sessionTimeoutMs'])).toBe(meant)
})

test('the nearest wins, and the first of equals', () => {
  expect(suggest('minEvent', ['maxEvents', 'minEvents'])).toBe('minEvents')
  expect(suggest('cat', ['bat', 'car'])).toBe('bat')
})
