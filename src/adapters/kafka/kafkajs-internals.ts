/**
 * The parts of kafkajs 2.2.4 that are not its public interface and that Shoal builds on. The version is pinned
 * exactly, the library is finished, and test/adapters/kafka/kafkajs-internals.test.ts fails when any of this differs.
 */
import { createRequire } from 'node:module'
import type { ConnectionOptions } from 'node:tls'
import type { Admin, Kafka } from 'kafkajs'
import type { ClusterMetadata } from './metadata-request.ts'

interface PushedRequest {
  readonly entry: {
    readonly apiKey: number
    readonly apiName: string
    readonly apiVersion: number
    readonly correlationId: number
    readonly resolve: (answer: { readonly payload: Buffer }) => void
    readonly reject: (error: unknown) => void
  }
  readonly expectResponse: boolean
  readonly requestTimeout: number | null
  readonly sendRequest: () => void
}

export interface RequestQueue {
  readonly pending: readonly unknown[]
  /** Cleared with the connection. */
  throttleCheckTimeoutId: NodeJS.Timeout | null
  push(request: PushedRequest): void
  maybeThrottle(ms: number | null | undefined): void
  canSendSocketRequestImmediately(): boolean
  fulfillRequest(answer: { readonly correlationId: number; readonly payload: Buffer; readonly size: number }): void
  checkPendingRequests(): void
  /** Not kafkajs's: how long nothing may be sent now. */
  restMs(): number
  rejectAll(error: Error): void
  scheduleCheckPendingRequests(): void
}

export interface Connection {
  readonly host: string
  readonly port: number
  readonly clientId: string
  readonly sasl: unknown
  readonly ssl: ConnectionOptions | null | undefined
  readonly connectionStatus: 'connected' | 'disconnecting' | 'disconnected'
  readonly socket: { readonly destroyed: boolean; cork(): void; uncork(): void; write(bytes: Uint8Array): boolean }
  readonly requestQueue: RequestQueue
  /** As `process.hrtime` gives it. */
  readonly authenticatedAt: [number, number] | null
  /** 0 when a session lasts as long as its connection. */
  readonly sessionLifetime: { toNumber(): number }
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
  processData(bytes: Buffer): void
  isConnected(): boolean
  isAuthenticated(): boolean
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
  authenticate(): Promise<void>
  nextCorrelationId(): number
}

export interface ConnectionPool {
  readonly host: string
  readonly port: number
  readonly rack: unknown
  readonly pool: Connection[]
  getConnection(index: number): Promise<Connection>
}

export interface Broker {
  readonly connectionPool: ConnectionPool
  metadata(topics: readonly string[]): Promise<ClusterMetadata>
}

export interface KafkajsCluster {
  readonly rootLogger: unknown
  readonly connectionPoolBuilder: { build(destination?: unknown): Promise<ConnectionPool> }
  readonly brokerPool: {
    readonly metadata: ClusterMetadata | null
    readonly brokers: Readonly<Record<string, Broker>>
    createBroker(options: unknown): Broker
  }
  connect(): Promise<void>
  disconnect(): Promise<void>
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>
  refreshMetadata(): Promise<void>
  getNodeIds(): readonly string[]
  findBroker(which: { readonly nodeId: number }): Promise<Broker>
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[]
}

export interface RetryOptions {
  readonly initialRetryTime: number
  readonly maxRetryTime: number
  readonly factor: number
  readonly multiplier: number
  readonly retries: number
}

interface AdminOptions {
  readonly logger: unknown
  readonly cluster: KafkajsCluster
  readonly retry: RetryOptions
}

interface Internals {
  readonly createAdmin: (options: AdminOptions) => Admin
}

export function loadInternals(): Internals {
  const load = createRequire(import.meta.url)
  return {
    createAdmin: load('kafkajs/src/admin/index.js'),
  }
}

/** A cluster of its own: connections, metadata and coordinator look-ups. */
export function createCluster(kafka: Kafka): KafkajsCluster {
  const symbol = symbolOf(kafka, 'private:Kafka:createCluster')
  const create = (kafka as unknown as Record<symbol, (options: unknown) => KafkajsCluster>)[symbol]
  return create({
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
    isolationLevel: 1,
    maxInFlightRequests: null,
  })
}

/** Of the method by which `authenticate` and every request of kafkajs's own authenticate; callers at the same time share one. */
export function authenticateSymbol(connection: Connection): symbol {
  return symbolOf(connection, 'private:Connection:authenticate')
}

function symbolOf(owner: object, description: string): symbol {
  const symbol = Object.getOwnPropertySymbols(owner).find((each) => each.description === description)
  if (symbol === undefined) throw new Error(`kafkajs must be 2.2.4: it has no ${description}`)
  return symbol
}
