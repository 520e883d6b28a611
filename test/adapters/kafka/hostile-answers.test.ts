/** Answers as a broker that is broken, or not one at all, could send them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Answer, apiVersionsExchange, type Exchange, isFlexible } from '../../../src/adapters/kafka/api.ts'
import { fetchRecords } from '../../../src/adapters/kafka/fetch-request.ts'
import {
  describeGroup,
  heartbeat,
  joinGroup,
  leaveGroup,
  syncGroup,
} from '../../../src/adapters/kafka/group-requests.ts'
import { metadata } from '../../../src/adapters/kafka/metadata-request.ts'
import { earliest, findCoordinator, listOffsets, offsetFetch } from '../../../src/adapters/kafka/offset-requests.ts'
import { produce } from '../../../src/adapters/kafka/produce-request.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from '../../../src/adapters/kafka/transaction-requests.ts'
import { Reader } from '../../../src/adapters/kafka/wire.ts'
import { ShoalError } from '../../../src/runtime/errors.ts'
import { nobody } from './records.ts'

const commit = { group: 'g', memberId: 'm', generation: 1, topic: 't', positions: new Map([[0, 1]]) }
const member = { group: 'g', memberId: 'm', rebalanceTimeoutMs: 1 }
const limits = { maxWaitMs: 1, minBytes: 1, maxBytes: 1 }

const answers: readonly (readonly [name: string, version: number, exchange: Exchange<Answer>])[] = [
  ['ApiVersions', 3, apiVersionsExchange('shoal')],
  ['Metadata', 5, metadata([])],
  ['FindCoordinator', 3, findCoordinator('group', 'g')],
  ['OffsetFetch', 7, offsetFetch('g', 't', [0], true)],
  ['DescribeGroups', 3, describeGroup('g')],
  ['ListOffsets', 5, listOffsets('t', [0], earliest)],
  ['Fetch', 11, fetchRecords('t', [], limits)],
  ['Produce', 8, produce(null, [], 1, 8)],
  ['Produce', 12, produce(null, [], 1, 12)],
  ['InitProducerId', 4, initProducerId('t', 1)],
  ['AddPartitionsToTxn', 1, addPartitionsToTxn('t', nobody, new Map())],
  ['AddPartitionsToTxn', 3, addPartitionsToTxn('t', nobody, new Map())],
  ['AddOffsetsToTxn', 3, addOffsetsToTxn('t', nobody, 'g')],
  ['TxnOffsetCommit', 5, txnOffsetCommit('t', nobody, commit, 5)],
  ['EndTxn', 5, endTxn('t', nobody, true, 5)],
  ['JoinGroup', 5, joinGroup({ ...member, assignor: 'a', metadata: Buffer.alloc(0), sessionTimeoutMs: 1 })],
  ['SyncGroup', 3, syncGroup({ ...member, generation: 1, assignments: new Map() })],
  ['Heartbeat', 3, heartbeat('g', 1, 'm')],
  ['LeaveGroup', 2, leaveGroup('g', 'm')],
]

/** Bytes that structures are made of are small numbers and -1; with any byte alike no answer would get beyond its first field. */
const bytes = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(0, 0, 0, 1, 2, 3, 0xff) },
      { weight: 1, arbitrary: fc.nat(255) },
      { weight: 1, arbitrary: fc.constantFrom(0x7f, 0x80) },
    ),
    { maxLength: 400 },
  )
  .map((array) => Buffer.from(array))

/** How much the answer has been turned into: what is not shorter than an element of it takes up. */
function elementsIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + 1 + elementsIn(each), 0)
  if (value instanceof Map) return value.size
  if (Buffer.isBuffer(value) || typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((sum: number, each) => sum + elementsIn(each), 0)
}

describe('an answer of any bytes', () => {
  test.each(answers)(
    'to %s %i is refused as corrupt, or read into no more than it has bytes',
    (_, version, exchange) => {
      fc.assert(
        fc.property(bytes, (payload) => {
          try {
            const read = exchange.read(new Reader(payload, isFlexible(exchange.api, version)), version)
            expect(elementsIn(read)).toBeLessThanOrEqual(payload.length)
          } catch (error) {
            if (!(error instanceof ShoalError && error.code === 'log.corrupt')) throw error
          }
        }),
        { numRuns: 2_000 },
      )
    },
  )

  test.each(answers)(
    'to %s %i that claims two thousand million elements is refused at once',
    (_, version, exchange) => {
      const flexible = isFlexible(exchange.api, version)
      const claim = flexible ? Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]) : Buffer.from([0x7f, 0xff, 0xff, 0xff])
      // Wherever an array may begin: one of these places is where it does.
      for (let before = 0; before < 24; before++) {
        const payload = Buffer.concat([Buffer.alloc(before), claim, Buffer.alloc(40)])
        try {
          expect(elementsIn(exchange.read(new Reader(payload, flexible), version))).toBeLessThan(100)
        } catch (error) {
          if (!(error instanceof ShoalError && error.code === 'log.corrupt')) throw error
        }
      }
    },
  )
})
