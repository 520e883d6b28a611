/** Adapters from a configuration: with program.ts, the only place that knows them all. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fileSnapshots } from './adapters/file/file-snapshots.ts'
import { kafkaLog } from './adapters/kafka/log.ts'
import { tokensOf } from './adapters/kafka/oauth-token.ts'
import type { KafkaLogOptions, KafkaSasl } from './adapters/kafka/options.ts'
import { MemoryCluster } from './adapters/memory/cluster.ts'
import { memoryRegistry } from './adapters/memory/registry.ts'
import { redisSnapshots } from './adapters/redis/redis-snapshots.ts'
import { avroReader, avroWriter } from './adapters/registry/avro-values.ts'
import { confluentRegistry } from './adapters/registry/confluent-registry.ts'
import { telemetry } from './adapters/telemetry/telemetry.ts'
import type { BacktestWorld } from './cli/backtest/replay.ts'
import { avroProjection } from './core/avro/avro-projection.ts'
import type { Projection } from './core/fields/fields.ts'
import { jsonProjection } from './core/fields/json-projection.ts'
import type { Api } from './http/api.ts'
import { systemClock } from './runtime/clock.ts'
import type { Configuration, SaslConfiguration } from './runtime/configuration/configuration.ts'
import { explain } from './runtime/configuration/explain.ts'
import { tlsOptions } from './runtime/configuration/tls-options.ts'
import { codeOf } from './runtime/errors.ts'
import type { EventLog, Log, SchemaRegistry, SnapshotStore, Telemetry } from './runtime/ports.ts'
import type { Service, ServiceParts, ServiceSettings } from './runtime/service.ts'
import type { ToldEvent } from './runtime/views/drift/told-event.ts'
import { eventJudge } from './stages/judge.ts'
import type { AnomalyValue } from './stages/score.ts'

const dependencyTimeoutMs = 2_000
/** The health says much earlier that it does not answer; but one that needs 20 s for an answer is to be had. */
const registryTimeoutMs = 30_000
/** Of each partition of the embedded log. */
const embeddedRetainBytes = 16 * 1024 * 1024
/** The same of a backtest, whose birth must find all that it is from. */
const backtestRetainBytes = 64 * 1024 * 1024

/** `transactionalId` names this worker among all that live: see KafkaLogOptions. */
export function openKafka(
  configuration: Configuration,
  transactionalId: string,
  log: Log,
  told: Pick<KafkaLogOptions, 'onThrottled' | 'meter'> = {},
): EventLog {
  const { kafka, topics } = configuration
  const options: KafkaLogOptions = {
    brokers: kafka.brokers,
    clientId: kafka.clientId,
    transactionalId,
    log,
    ...told,
    clock: systemClock,
    sessionTimeoutMs: kafka.sessionTimeoutMs,
    rebalanceTimeoutMs: kafka.rebalanceTimeoutMs,
    heartbeatIntervalMs: kafka.heartbeatIntervalMs,
    transactionTimeoutMs: kafka.transactionTimeoutMs,
    compression: kafka.compression,
    ...(kafka.tls === null ? {} : { tls: tlsOptions(kafka.tls) }),
    ...(kafka.sasl === null ? {} : { sasl: saslOptions(kafka.sasl) }),
    ...(topics.replicationFactor === null ? {} : { replicationFactor: topics.replicationFactor }),
  }
  return kafkaLog(options)
}

function saslOptions(sasl: SaslConfiguration): KafkaSasl {
  if (sasl.mechanism !== 'oauthbearer') return { ...sasl, password: () => sasl.password.reveal() }
  const { mechanism, token } = sasl
  if (token.from === 'file') return { mechanism, token: async () => token.token.reveal().trim() }
  return { mechanism, ...tokensOf(token, systemClock) }
}

/** By the id that each has where there is no registry, from 1 on. Records keep it: a new schema goes to the end. */
const ownSchemas = [
  'assignment',
  'anomaly',
  'model-update',
  'model-command',
  'model',
  'drift-event',
  'audit',
  'profile',
  'primary',
] as const

/**
 * Without a registry the ids of our own schemas are those of this table, in every process, whatever it writes or reads
 * first; other readers take the schemas from schemas/ instead.
 */
function registryOfOwn(): SchemaRegistry {
  return memoryRegistry(ownSchemas.map(schemaText))
}

export function openRegistry(configuration: Configuration): SchemaRegistry {
  const { registry } = configuration
  if (registry === null) return registryOfOwn()
  return confluentRegistry({ ...registry, timeoutMs: registryTimeoutMs, clock: systemClock })
}

export function openSnapshots(configuration: Configuration): SnapshotStore | null {
  const { redis } = configuration
  return redis === null ? null : redisSnapshots({ ...redis, timeoutMs: dependencyTimeoutMs })
}

/** The embedded world: a log that lives as long as the process, and snapshots in a folder that outlive it. */
export function openEmbedded(
  folder: string,
  historyLimit: number,
): {
  readonly cluster: MemoryCluster
  readonly snapshots: SnapshotStore
  readonly registry: SchemaRegistry
} {
  return {
    cluster: new MemoryCluster({ clock: systemClock, retainBytes: embeddedRetainBytes }),
    snapshots: fileSnapshots({ folder, historyLimit }),
    registry: registryOfOwn(),
  }
}

/** The stages of production on an embedded log of their own, for a backtest. */
export function openBacktestWorld(
  configuration: Configuration,
  settings: ServiceSettings,
  registry: SchemaRegistry | null,
): BacktestWorld {
  const cluster = new MemoryCluster({ clock: systemClock, retainBytes: backtestRetainBytes })
  return {
    log: cluster.client(),
    registry,
    telemetry: toolTelemetry(),
    projection: () => openProjection(configuration, settings),
    encodeAnomaly: avroWriter(schemaText('anomaly'), 1),
  }
}

/** Of a command that works in a moment: only errors are worth a line. */
export function toolTelemetry(): Telemetry {
  return telemetry({ level: 'error', base: {}, tracing: null })
}

/** Reads the fields of the input's events. */
export function openProjection({ input }: Configuration, { plan }: ServiceSettings): Projection {
  const { maxEventBytes, format, schema } = input
  if (format === 'json') return jsonProjection(plan.fields, { maxEventBytes })
  return avroProjection(
    plan.fields,
    schema === null ? { framing: 'registry', maxEventBytes } : { framing: 'bare', schema, maxEventBytes },
  )
}

/** What a service needs beside its connections. */
export function serviceCodecs(
  configuration: Configuration,
  settings: ServiceSettings,
): Pick<ServiceParts, 'projection' | 'schema' | 'encodeAnomaly'> {
  return {
    projection: () => openProjection(configuration, settings),
    schema: schemaText,
    encodeAnomaly: (id) => avroWriter(schemaText('anomaly'), id),
  }
}

/** Says which release this is, on what, and of which configuration: what explains a change of any other metric. */
export function reportBuild({ name, fingerprint }: ServiceSettings, telemetry: Telemetry): void {
  telemetry.gauge('shoal_build_info', 1, { name, fingerprint, release: release(), node: process.versions.node })
}

/** What the API shows and does of a running service. Whatever format the topic has, the API's events are JSON. */
export function composeApi(
  configuration: Configuration,
  settings: ServiceSettings,
  service: Service,
  parts: Pick<ServiceParts, 'log' | 'registry' | 'schema' | 'clock' | 'telemetry'>,
): Api {
  const { plan, topFeatures } = settings
  const projection = jsonProjection(plan.fields, { maxEventBytes: configuration.input.maxEventBytes })
  const { follower, versions, audit } = service
  return {
    release: release(),
    service,
    settings,
    configuration: explain(configuration),
    log: parts.log,
    clock: parts.clock,
    giving: { ...parts, settings, follower, versions, audit },
    promoting: { ...parts, settings, follower, primaries: service.primaries, audit },
    judge: eventJudge(plan, projection, topFeatures),
    readAnomalies: readable(avroReader<AnomalyValue>(parts.schema('anomaly'), parts.registry)),
    readDriftEvents: readable(avroReader<ToldEvent>(parts.schema('drift-event'), parts.registry)),
  }
}

/** A stranger's record among them takes only its own place. */
function readable<T>(read: (values: readonly Uint8Array[]) => Promise<T[]>) {
  return async (values: readonly Uint8Array[]): Promise<(T | null)[]> => {
    try {
      return await read(values)
    } catch (error) {
      if (codeOf(error) !== 'record.unreadable') throw error
      if (values.length === 1) return [null]
      const each = await Promise.all(values.map((value) => readable(read)([value])))
      return each.flat()
    }
  }
}

/** The release of this package. */
export function release(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

/** Text of schemas/<name>.avsc of this package. */
export function schemaText(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../schemas/${name}.avsc`, import.meta.url)), 'utf8')
}
