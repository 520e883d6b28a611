/** `describe` for fault scenarios: with the suite's own Kafka, and skipped where it cannot be had. */
import { describe, inject } from 'vitest'
import { describeWith } from '../servers.ts'
import type { FaultyKafka } from './kafka.setup.ts'
import { brokersOf, type RigKafka, type RigServers } from './rig.ts'

/** The variable that asks for every fault instead of a choice. */
const isFull = process.env.SHOAL_TEST_FAULTS === 'full'

export interface FaultWorld {
  readonly kafka: RigKafka
  readonly servers: RigServers
  /** Kafka 4 and later let partitions and offsets join a transaction by being written. */
  readonly transactionVersion: 1 | 2
}

export function describeFaults(title: string, body: (world: FaultWorld) => void): void {
  const kafka: FaultyKafka | null = inject('faultyKafka')
  if (kafka === null) {
    describe.skip(title, () => body(worldOf(absent, { registry: '', redis: '' })))
    return
  }
  describeWith(['registry', 'redis'], title, (servers) => body(worldOf(kafka, servers)))
}

const absent: FaultyKafka = { name: 'Kafka 0', address: 'not to be had', listener: 0, port: 0 }

function worldOf(kafka: FaultyKafka, servers: RigServers): FaultWorld {
  const [, major] = /(\d+)\./.exec(kafka.name) ?? []
  return { kafka: brokersOf(kafka), servers, transactionVersion: Number(major) >= 4 ? 2 : 1 }
}

/** What the run in full has, or, in the short one, its part. */
export function inFull<T>(full: T, short: T): T {
  return isFull ? full : short
}
