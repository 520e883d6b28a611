import { expect, test } from 'vitest'
import { Writer } from '../../src/adapters/kafka/wire.ts'
import { recognise } from './kafka-request.ts'

/** A request with its length before it. `isFlexible`: in the newer notation, whose header ends in a tag section. */
function request(key: number, version: number, isFlexible: boolean, body: (writer: Writer) => void): Buffer {
  const header = new Writer(false).int16(key).int16(version).int32(77).string('worker-1')
  const rest = new Writer(isFlexible).tags()
  body(rest)
  const bytes = Buffer.concat([header.view(), rest.view()])
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

test.each([
  ['Produce', 0, 12, true],
  ['Produce', 0, 8, false],
  ['OffsetFetch', 9, 7, true],
  ['JoinGroup', 11, 5, false],
  ['Heartbeat', 12, 3, false],
  ['LeaveGroup', 13, 4, true],
  ['SyncGroup', 14, 3, false],
  ['InitProducerId', 22, 4, true],
  ['AddPartitionsToTxn', 24, 3, true],
  ['AddOffsetsToTxn', 25, 3, true],
  ['EndTxn', 26, 5, true],
  ['TxnOffsetCommit', 28, 5, true],
])('%s (%i, version %i) is known with the process and the stage that make it', (api, key, version, isFlexible) => {
  const of = (owner: string) => recognise(request(key, version, isFlexible, (body) => body.string(owner)))
  const known = { api, client: 'worker-1', correlationId: 77 }
  expect(of('cards')).toEqual({ ...known, owner: 'cards', stage: 'score' })
  expect(of('cards.train')).toEqual({ ...known, owner: 'cards.train', stage: 'train' })
  expect(of('cards-12ab-0-cards-a')).toEqual({ ...known, owner: 'cards-12ab-0-cards-a', stage: 'score' })
  expect(of('cards-12ab-0-cards.train-b')).toEqual({ ...known, owner: 'cards-12ab-0-cards.train-b', stage: 'train' })
})

test('a Fetch belongs to the stage whose topic it reads, one of versions to neither', () => {
  const of = (topic: string) =>
    recognise(
      request(1, 11, false, (body) => {
        for (let i = 0; i < 4; i++) body.int32(0)
        body.int8(1).int32(0).int32(-1).array(1).string(topic)
      }),
    ).stage
  expect([of('transactions'), of('cards.model-updates'), of('cards.models')]).toEqual(['score', 'train', null])
})

test('a producer outside any group belongs to no stage, and other requests have no name', () => {
  expect(recognise(request(0, 12, true, (body) => body.string(null)))).toMatchObject({ api: 'Produce', stage: null })
  expect(recognise(request(3, 5, false, () => undefined))).toMatchObject({ api: null, client: 'worker-1' })
})
