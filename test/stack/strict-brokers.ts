/** Brokers of a test's own, strict where a test wants to be refused, and requests of ours sent to them one by one. */
import { randomUUID } from 'node:crypto'
import { crc32c } from '@node-rs/crc32'
import kafkajs, { type Admin } from 'kafkajs'
import { expect, vi } from 'vitest'
import type { Answer, Exchange } from '../../src/adapters/kafka/api.ts'
import { Cluster } from '../../src/adapters/kafka/cluster.ts'
import { lane } from '../../src/adapters/kafka/connection.ts'
import { loadInternals } from '../../src/adapters/kafka/kafkajs-internals.ts'
import { type CoordinatorKind, latest, listOffsets } from '../../src/adapters/kafka/offset-requests.ts'
import { type Settings, settingsOf } from '../../src/adapters/kafka/options.ts'
import { produce } from '../../src/adapters/kafka/produce-request.ts'
import { PartitionOutput } from '../../src/adapters/kafka/record-batch-writer.ts'
import { field } from '../../src/adapters/kafka/record-format.ts'
import type { ProducerIdentity } from '../../src/adapters/kafka/transaction-requests.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { startKafka } from '../../tools/stack/kafka.ts'
import { type KafkaCluster, startKafkaCluster } from '../../tools/stack/kafka-cluster.ts'
import { silentLog } from '../silent-log.ts'
import { coordinatorOf } from './coordinator.ts'

/** Nobody may do anything with what has this name. */
export const forbidden = 'forbidden'

export interface StrictBrokers {
  readonly cluster: Cluster
  readonly settings: Settings
  readonly admin: Admin
  /** Connections of one member's own: whoever waits to join a group lets nothing else pass. */
  connect(): Promise<Cluster>
  stop(): Promise<void>
}

/** One that refuses what is forbidden. */
export async function startStrictBroker(): Promise<StrictBrokers> {
  const server = await startKafka({
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': 'true',
      'group.max.size': '2',
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': '100',
    },
  })
  return clientOf(server.address, () => server.stop())
}

/** Three, each of which leads and coordinates what the others do not. */
export async function startThreeBrokers(): Promise<StrictBrokers & { readonly servers: KafkaCluster }> {
  const servers = await startKafkaCluster({ brokers: 3 })
  return { ...(await clientOf(servers.address, () => servers.stop())), servers }
}

async function clientOf(address: string, stop: () => Promise<void>): Promise<StrictBrokers> {
  const settings = settingsOf({
    brokers: address.split(','),
    clientId: 'provoker',
    transactionalId: randomUUID(),
    log: silentLog,
    clock: systemClock,
  })
  const clusters: Cluster[] = []
  const connect = async () => {
    const opened = new Cluster(settings)
    clusters.push(opened)
    await opened.connect([], Date.now() + 30_000)
    return opened
  }
  const cluster = await connect()
  const admin = loadInternals().createAdmin({
    retry: settings.retry,
    logger: cluster.kafkajs.rootLogger,
    cluster: cluster.kafkajs,
  })
  return {
    cluster,
    settings,
    admin,
    connect,
    async stop() {
      await Promise.all(clusters.map((opened) => opened.close()))
      await stop()
    },
  }
}

/** Denies everybody everything about topic, group and transactional id `forbidden`. */
export async function forbid({ admin }: StrictBrokers): Promise<void> {
  const { AclResourceTypes, ResourcePatternTypes, AclOperationTypes, AclPermissionTypes } = kafkajs
  const rule = {
    resourceName: forbidden,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: 'User:*',
    host: '*',
    operation: AclOperationTypes.ALL,
    permissionType: AclPermissionTypes.DENY,
  }
  const kinds = [AclResourceTypes.TOPIC, AclResourceTypes.GROUP, AclResourceTypes.TRANSACTIONAL_ID]
  await admin.createAcls({ acl: kinds.map((resourceType) => ({ ...rule, resourceType })) })
}

/** One partition, whose leader knows that it leads. */
export async function newTopic(
  { admin, cluster }: StrictBrokers,
  configs: Readonly<Record<string, string>> = {},
  topic: string = randomUUID(),
  replicationFactor = 1,
): Promise<string> {
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
  const spec = { topic, numPartitions: 1, replicationFactor, configEntries }
  await admin.createTopics({ waitForLeaders: false, topics: [spec] })
  await cluster.know([topic])
  await vi.waitFor(async () => {
    if (cluster.leader(topic, 0) === null) await cluster.refresh()
    const { offsets } = await cluster.send(cluster.leader(topic, 0)!, lane.requests, listOffsets(topic, [0], latest))
    expect(offsets[0].error).toBe(0)
  }, deadline)
  return topic
}

/** Far longer than anything here takes. */
export const deadline = { timeout: 60_000, interval: 20 }

export interface BatchOptions {
  readonly who?: ProducerIdentity
  readonly sequence?: number
  readonly bytes?: number
  readonly timestamp?: number
  readonly key?: Buffer | null
  readonly transactional?: boolean
}

export const nobody: ProducerIdentity = { producerId: -1n, epoch: -1 }

/** A batch of one record. */
export function batchWith(options: BatchOptions = {}): Buffer {
  const output = new PartitionOutput('', 0, 16_000_000, options.transactional ?? false)
  const { key = null, timestamp = Date.now(), bytes = 10 } = options
  output.append({ topic: '', partition: 0, key, value: Buffer.alloc(bytes, 'x'), timestamp })
  const [batch] = output.finish()
  batch.stamp(options.who ?? nobody, options.sequence ?? (options.who === undefined ? -1 : 0))
  return batch.bytes
}

/** With its checksum made good again. */
export function changed(batch: Buffer, change: (batch: Buffer) => void): Buffer {
  const copy = Buffer.from(batch)
  change(copy)
  copy.writeUInt32BE(crc32c(copy.subarray(field.attributes)), field.crc)
  return copy
}

/** What a broker, the leader unless told otherwise, says of bytes for partition 0. */
export async function write(
  { cluster }: StrictBrokers,
  topic: string,
  bytes: Buffer,
  {
    id = null,
    version = 11,
    node,
  }: { readonly id?: string | null; readonly version?: number; readonly node?: number } = {},
): Promise<number> {
  const request = produce(id, [{ topic, partition: 0, bytes }], 2_000, version)
  const to = node ?? cluster.leader(topic, 0) ?? (await cluster.anyNode())
  return (await cluster.send(to, lane.requests, request)).partitions[0].error
}

/** Sends to the coordinator. */
export async function ask<T extends Answer>(
  { cluster }: StrictBrokers,
  kind: CoordinatorKind,
  key: string,
  request: Exchange<T>,
): Promise<T> {
  return cluster.send(await coordinatorOf(cluster, kind, key), lane.requests, request)
}
