/** How to reach a Kafka cluster, and how to behave there. */
import type { ConnectionOptions } from 'node:tls'
import kafkajs, { type Kafka, type Mechanism, type SASLOptions } from 'kafkajs'
import type { Clock, Log } from '../../runtime/ports.ts'
import type { RequestMeter } from '../../runtime/request-meter.ts'
import { AnswerMemory } from './answer-memory.ts'
import type { Compression } from './compression.ts'
import type { RetryOptions } from './kafkajs-internals.ts'
import { oauthbearer } from './oauthbearer.ts'
import { socketsInto } from './sockets.ts'

interface Password {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  /** Asked for whenever a connection authenticates: it may have changed. */
  readonly password: () => string
}

export interface TokenSource {
  /** Asked for whenever a connection authenticates; it keeps and renews tokens itself. */
  readonly token: () => Promise<string>
  /** Told when a broker does not take it. */
  readonly refused?: () => void
}

export type KafkaSasl = Password | (TokenSource & { readonly mechanism: 'oauthbearer' })

export interface KafkaLogOptions {
  /** host:port of some of the brokers. */
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Looked at anew for every connection: what is read of files is given by getters. Empty: the system's authorities. */
  readonly tls?: ConnectionOptions
  readonly sasl?: KafkaSasl
  /**
   * What the transactional ids begin with: the supervisor's random id and the worker's index. A worker that is
   * started again under the same one ends what its former self left open at once; two that live must never share it.
   */
  readonly transactionalId: string
  readonly log: Log
  readonly clock: Clock
  /** A member that is silent for so long is dead to the group: 6,000 ms. */
  readonly sessionTimeoutMs?: number
  /** How long a member may take to finish and join again: 30,000 ms. */
  readonly rebalanceTimeoutMs?: number
  /** A third of the session timeout. */
  readonly heartbeatIntervalMs?: number
  /** How often the leader of a group looks for new partitions of its topic: 10,000 ms. */
  readonly topicRefreshMs?: number
  /** An open transaction whose owner vanished is aborted after so long: 10,000 ms. */
  readonly transactionTimeoutMs?: number
  /** How long an operation may find no broker that serves it before it fails with `log.unavailable`: 30,000 ms. */
  readonly patienceMs?: number
  /** Told whenever a broker asks to hold back for so long, because of a quota; it is honoured in any case. */
  readonly onThrottled?: (ms: number) => void
  /** Does each request of ours, and may measure it meanwhile: nobody does. */
  readonly meter?: RequestMeter
  /** Of what is written: none. */
  readonly compression?: Compression
  /** Of the topics that are created: the broker's default. */
  readonly replicationFactor?: number
  /** What a partition is asked for at a time: 1 MiB. */
  readonly fetchPartitionBytes?: number
  /** What may be read ahead over all partitions of a share: 64 MiB. */
  readonly fetchTotalBytes?: number
}

export interface Settings extends Required<Omit<KafkaLogOptions, 'tls' | 'sasl'>> {
  readonly kafka: Kafka
  readonly retry: RetryOptions
  /** What large answers lie in. */
  readonly memory: AnswerMemory
}

const mebibyte = 1024 * 1024

/** Our own loops repeat until their deadlines; kafkajs repeats little, so that they are heard. It reads NODE_ENV when not told. */
const retry: RetryOptions = { initialRetryTime: 50, maxRetryTime: 500, factor: 0.2, multiplier: 2, retries: 2 }

export function settingsOf(options: KafkaLogOptions): Settings {
  const { tls, sasl, ...rest } = options
  const memory = new AnswerMemory()
  const sessionTimeoutMs = options.sessionTimeoutMs ?? 6_000
  const transactionTimeoutMs = options.transactionTimeoutMs ?? 10_000
  return {
    rebalanceTimeoutMs: 30_000,
    topicRefreshMs: 10_000,
    heartbeatIntervalMs: Math.ceil(sessionTimeoutMs / 3),
    patienceMs: 30_000,
    onThrottled: () => undefined,
    meter: (_request, work) => work(),
    compression: 'none',
    replicationFactor: -1,
    fetchPartitionBytes: mebibyte,
    fetchTotalBytes: 64 * mebibyte,
    ...rest,
    sessionTimeoutMs,
    transactionTimeoutMs,
    retry,
    memory,
    kafka: new kafkajs.Kafka({
      brokers: [...options.brokers],
      clientId: options.clientId,
      connectionTimeout: 5_000,
      authenticationTimeout: 10_000,
      // Longer than a transaction may last, so that an answer that never comes is the coordinator's to judge first.
      requestTimeout: transactionTimeoutMs + 2_000,
      retry,
      // What kafkajs knows reaches the log through our errors, once and in our words.
      logLevel: kafkajs.logLevel.NOTHING,
      socketFactory: socketsInto(memory),
      ...(tls === undefined ? {} : { ssl: tls }),
      ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
    }),
  }
}

/** kafkajs keeps this very object, and takes the password from it at each authentication. */
function saslOf(sasl: KafkaSasl): SASLOptions | Mechanism {
  if (sasl.mechanism === 'oauthbearer') return oauthbearer(sasl)
  const { mechanism, username, password } = sasl
  const given = {
    mechanism,
    username,
    get password() {
      return password()
    },
  }
  return given as SASLOptions
}
