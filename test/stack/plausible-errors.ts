/**
 * Errors that brokers of 2.5 to 4.4 may give to each request of ours: from the documentation of Kafka's messages and
 * the handlers of its coordinators and logs, those included that a proxy, an authorizer or a disk adds.
 */
interface Plausible {
  readonly key: number
  readonly errors: readonly number[]
}

export const plausible = {
  Produce: {
    key: 0,
    errors: [
      -1, 2, 3, 5, 6, 7, 9, 10, 13, 14, 15, 16, 17, 18, 19, 20, 29, 31, 32, 35, 42, 43, 44, 45, 46, 47, 48, 49, 51, 53,
      56, 59, 74, 76, 87, 90, 94, 120,
    ],
  },
  Fetch: {
    key: 1,
    errors: [-1, 1, 2, 3, 5, 6, 7, 9, 13, 29, 35, 56, 70, 71, 74, 75, 76, 78, 100, 103, 106, 109, 129],
  },
  ListOffsets: { key: 2, errors: [-1, 1, 3, 5, 6, 7, 9, 13, 29, 35, 43, 56, 74, 75, 78] },
  Metadata: { key: 3, errors: [-1, 3, 5, 9, 17, 29, 72] },
  OffsetFetch: { key: 9, errors: [-1, 7, 14, 15, 16, 22, 24, 25, 29, 30, 69, 88, 113] },
  FindCoordinator: { key: 10, errors: [-1, 7, 14, 15, 16, 24, 30, 35, 42, 53] },
  JoinGroup: { key: 11, errors: [-1, 14, 15, 16, 22, 23, 24, 25, 26, 27, 30, 79, 81, 82, 111] },
  Heartbeat: { key: 12, errors: [-1, 14, 15, 16, 22, 24, 25, 27, 30, 82] },
  SyncGroup: { key: 14, errors: [-1, 14, 15, 16, 22, 23, 24, 25, 27, 30, 82] },
  InitProducerId: { key: 22, errors: [-1, 7, 14, 15, 16, 31, 35, 42, 47, 49, 50, 51, 53, 89, 90, 105, 120] },
  AddPartitionsToTxn: { key: 24, errors: [-1, 3, 7, 14, 15, 16, 29, 35, 42, 47, 48, 49, 51, 52, 53, 55, 90, 120] },
  AddOffsetsToTxn: { key: 25, errors: [-1, 7, 14, 15, 16, 24, 30, 35, 42, 47, 48, 49, 51, 52, 53, 90, 120] },
  EndTxn: { key: 26, errors: [-1, 7, 14, 15, 16, 35, 42, 47, 48, 49, 51, 52, 53, 90, 120] },
  TxnOffsetCommit: {
    key: 28,
    errors: [
      -1, 3, 7, 12, 14, 15, 16, 22, 24, 25, 27, 28, 29, 30, 35, 42, 47, 48, 49, 51, 53, 69, 82, 90, 110, 113, 120,
    ],
  },
} as const satisfies Readonly<Record<string, Plausible>>

export type RequestName = keyof typeof plausible
