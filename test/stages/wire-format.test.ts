import { expect, test } from 'vitest'
import { framed, wireHeaderBytes, writeWireHeader } from '../../src/stages/wire-format.ts'

test('the wire header is a zero byte and the id, highest byte first', () => {
  const bytes = new Uint8Array(9).fill(255)
  expect(writeWireHeader(bytes, 2, 0x01020304)).toBe(2 + wireHeaderBytes)
  expect([...bytes]).toEqual([255, 255, 0, 1, 2, 3, 4, 255, 255])
})

test('a framed body stands behind its header', () => {
  expect([...framed(0x01020304, Buffer.of(7, 8))]).toEqual([0, 1, 2, 3, 4, 7, 8])
})
