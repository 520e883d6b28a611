import { describe } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { ForeignTransaction, LogWorld } from './event-log/world.ts'
import { eventLogContract } from './event-log.ts'

async function memoryWorld(): Promise<LogWorld> {
  const cluster = new MemoryCluster({ clock: systemClock, sessionTimeoutMs: 500 })
  const clients: { close(): Promise<void> }[] = []
  let names = 0

  return {
    client() {
      const client = cluster.client()
      clients.push(client)
      return client
    },
    hangingClient() {
      const client = cluster.client()
      clients.push(client)
      return { client, hang: () => void client.fallSilent() }
    },
    topicName: (prefix) => `${prefix}-${names++}`,
    async begin(): Promise<ForeignTransaction> {
      const transaction = cluster.begin()
      return {
        async write(topic, partition, values) {
          const outputs = new OutputColumns()
          for (const value of values) {
            outputs.append({ topic, partition, key: null, value: Buffer.from(value), timestamp: 1_700_000_000_000 })
          }
          cluster.accept(outputs, (log, records) => transaction.write(log, records))
        },
        async stage(group, topic, next) {
          transaction.stageUnfenced(cluster.group(group, topic), next)
        },
        async commit() {
          transaction.commit()
        },
        async abort() {
          transaction.abort()
        },
      }
    },
    async deleteBefore(at, offset) {
      cluster.partition(at).deleteBefore(offset)
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}

describe('the event log in memory', () => eventLogContract(memoryWorld))
