import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnswerMemory } from '../../../src/adapters/kafka/answer-memory.ts'
import { readFrames } from '../../../src/adapters/kafka/frames.ts'

/** What comes of bytes that arrive in pieces of at most the given lengths, in turn. */
function readIn(pieces: readonly number[], bytes: Buffer) {
  const frames: Buffer[] = []
  const broken: string[] = []
  const { buffer, callback } = readFrames(
    Buffer.alloc(4096),
    new AnswerMemory(),
    (frame) => frames.push(frame),
    (why) => broken.push(why.message),
  )
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = Math.min(pieces[i % pieces.length], buffer.length, bytes.length - at)
    buffer.set(bytes.subarray(at, at + length))
    callback(length, buffer)
    // The memory that a socket reads into is overwritten by what comes next.
    buffer.fill(0xdd)
    at += length
  }
  return { frames, broken }
}

const framed = (body: Uint8Array) => {
  const frame = Buffer.alloc(4 + body.length)
  frame.writeInt32BE(body.length)
  frame.set(body, 4)
  return frame
}
const bodies = fc.array(fc.uint8Array({ minLength: 4, maxLength: 40 }), { maxLength: 12 })
const pieces = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 })

test('gives every answer whole, however it comes', () => {
  fc.assert(
    fc.property(bodies, pieces, (sent, cuts) => {
      const whole = sent.map(framed)
      const { frames, broken } = readIn(cuts, Buffer.concat(whole))
      expect(frames).toEqual(whole)
      expect(broken).toEqual([])
    }),
  )
})

test('puts together what is larger than what is read at a time', () => {
  const sent = [framed(Buffer.alloc(1_000_000, 7)), framed(Buffer.alloc(4, 1))]
  expect(readIn([Number.MAX_SAFE_INTEGER], Buffer.concat(sent)).frames).toEqual(sent)
})

test('reads nothing behind a length that is none', () => {
  const lengths = fc.constantFrom(-(2 ** 31), -1, 0, 3, 2 ** 29 + 1, 2 ** 31 - 1)
  fc.assert(
    fc.property(bodies, pieces, lengths, fc.uint8Array({ maxLength: 20 }), (sent, cuts, length, rest) => {
      const whole = sent.map(framed)
      const none = Buffer.alloc(4)
      none.writeInt32BE(length)
      const { frames, broken } = readIn(cuts, Buffer.concat([...whole, none, rest, framed(Buffer.alloc(5))]))
      expect(frames).toEqual(whole)
      expect(broken).toEqual([`the length of an answer must be 4 to 536870912 bytes: got ${length}`])
    }),
  )
})
