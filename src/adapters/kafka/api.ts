/** The requests that Shoal makes itself: their keys, and the versions it can write and read. */
import { ShoalError } from '../../runtime/errors.ts'
import type { Reader, Writer } from './wire.ts'

interface Api {
  readonly key: number
  readonly lowest: number
  readonly highest: number
  /** The first version in the flexible notation. */
  readonly flexibleFrom: number
}

/**
 * `lowest` is what Kafka 2.5 takes, the oldest that fences a commit by generation (KIP-447). `highest` is the last
 * version whose meaning we rely on; 4.4 still takes every one of them.
 */
export const apis = {
  Produce: { key: 0, lowest: 8, highest: 12, flexibleFrom: 9 },
  Fetch: { key: 1, lowest: 11, highest: 11, flexibleFrom: 12 },
  ListOffsets: { key: 2, lowest: 5, highest: 5, flexibleFrom: 6 },
  Metadata: { key: 3, lowest: 5, highest: 5, flexibleFrom: 9 },
  OffsetFetch: { key: 9, lowest: 7, highest: 7, flexibleFrom: 6 },
  FindCoordinator: { key: 10, lowest: 3, highest: 3, flexibleFrom: 3 },
  JoinGroup: { key: 11, lowest: 5, highest: 5, flexibleFrom: 6 },
  Heartbeat: { key: 12, lowest: 3, highest: 3, flexibleFrom: 4 },
  LeaveGroup: { key: 13, lowest: 2, highest: 2, flexibleFrom: 4 },
  SyncGroup: { key: 14, lowest: 3, highest: 3, flexibleFrom: 4 },
  DescribeGroups: { key: 15, lowest: 3, highest: 3, flexibleFrom: 5 },
  ApiVersions: { key: 18, lowest: 3, highest: 3, flexibleFrom: 3 },
  InitProducerId: { key: 22, lowest: 3, highest: 4, flexibleFrom: 2 },
  AddPartitionsToTxn: { key: 24, lowest: 1, highest: 3, flexibleFrom: 3 },
  AddOffsetsToTxn: { key: 25, lowest: 1, highest: 3, flexibleFrom: 3 },
  EndTxn: { key: 26, lowest: 1, highest: 5, flexibleFrom: 3 },
  TxnOffsetCommit: { key: 28, lowest: 3, highest: 5, flexibleFrom: 3 },
} as const satisfies Record<string, Api>

export type ApiName = keyof typeof apis

/** One request and how its answer is read. */
export interface Exchange<T extends Answer> {
  readonly api: ApiName
  /** Caps the version below what both sides know. */
  readonly highest?: number
  /** Writes the body. When it returns pieces, these are the body: written parts and memory of others in turn, sent without a copy. */
  write(body: Writer, version: number): readonly Buffer[] | undefined
  read(answer: Reader, version: number): T
  /** How long the broker may hold the answer back, on top of the usual request timeout. */
  readonly heldMs?: number
}

export interface Answer {
  /** KIP-219: the broker asks us to send nothing for so long. */
  readonly throttleMs: number
}

/** What one broker takes, by API key, and what the cluster has finalised. */
export interface BrokerVersions {
  readonly ranges: ReadonlyMap<number, { readonly min: number; readonly max: number }>
  readonly features: ReadonlyMap<string, number>
}

/** The version to use with a broker; one that is too old is refused by name. */
export function versionFor(api: ApiName, versions: BrokerVersions, broker: string, cap?: number): number {
  const { key, lowest, highest } = apis[api]
  const range = versions.ranges.get(key)
  const version = Math.min(highest, cap ?? highest, range?.max ?? -1)
  if (range === undefined || version < lowest || version < range.min) {
    const has = range === undefined ? 'does not have it' : `takes versions ${range.min} to ${range.max}`
    throw new ShoalError('log.refused', `Kafka must be 2.5 or newer: ${api} ${lowest} is needed and ${broker} ${has}`)
  }
  return version
}

export const isFlexible = (api: ApiName, version: number): boolean => version >= apis[api].flexibleFrom

/** ApiVersions 3: its answer keeps the old response header, and names the finalised features in tag 2 (KIP-584). */
export function apiVersionsExchange(software: string): Exchange<BrokerVersions & Answer & { readonly error: number }> {
  return {
    api: 'ApiVersions',
    write: (body) => {
      body.string(software).string('1').tags()
      return undefined
    },
    read: (answer) => {
      const error = answer.int16()
      // A broker older than 2.4 answers in version 0, whose array has the old notation: the error is all we may read.
      if (error !== 0) return { error, ranges: new Map(), features: new Map(), throttleMs: 0 }
      const ranges = new Map<number, { min: number; max: number }>()
      answer.array((r) => {
        ranges.set(r.int16(), { min: r.int16(), max: r.int16() })
        r.tags()
      })
      const throttleMs = answer.int32()
      const features = new Map<string, number>()
      answer.tags((tag, r) => {
        if (tag !== 2) return
        r.array((f) => {
          features.set(f.string() ?? '', f.int16())
          f.int16()
          f.tags()
        })
      })
      return { error, ranges, features, throttleMs }
    },
  }
}
