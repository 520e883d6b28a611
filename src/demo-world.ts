/** The demo's world: the pipeline on the embedded log, begun with the model that the folder's snapshot holds. */
import { avroReader } from './adapters/registry/avro-values.ts'
import { type ProcessTelemetry, telemetry } from './adapters/telemetry/telemetry.ts'
import type { DemoWorld } from './cli/demo.ts'
import type { ShownAnomaly } from './cli/demo-report.ts'
import { composeApi, openEmbedded, schemaText, serviceCodecs } from './compose.ts'
import { decodeModel } from './core/codec/model-codec.ts'
import { inNewLog } from './core/model/model.ts'
import { type HttpServer, startHttp } from './http/server.ts'
import { processHttp, type Running } from './process-http.ts'
import { systemClock } from './runtime/clock.ts'
import type { Configuration } from './runtime/configuration/configuration.ts'
import { ShoalError } from './runtime/errors.ts'
import type { EventLog, SchemaRegistry, Snapshot, SnapshotStore } from './runtime/ports.ts'
import { type ServiceParts, type ServiceSettings, startService } from './runtime/service.ts'
import { serviceSettings } from './runtime/service-settings.ts'
import { prepareTopics } from './runtime/topics.ts'
import { publishModel } from './stages/train.ts'
import { wireHeaderBytes } from './stages/wire-format.ts'

const historyLimit = 20
const usualPort = 9404

export async function openDemoWorld(
  configuration: Configuration,
  folder: string,
  partitions: number,
): Promise<DemoWorld> {
  const settings = serviceSettings(configuration)
  const { cluster, snapshots, registry } = openEmbedded(folder, historyLimit)
  const log = cluster.client()
  await log.prepare([{ topic: settings.topics.input, partitions, cleanup: 'delete', owner: 'shoal' }], true)
  await prepareTopics(log, settings.topics, settings.topicPolicy)
  const carriedOver = await beginFromSnapshot(log, registry, snapshots, settings)
  return {
    log,
    registry,
    snapshots,
    settings,
    transactionSchema: schemaText('transaction'),
    carriedOver,
    readAnomalies: avroReader<ShownAnomaly>(schemaText('anomaly'), registry),
    async start(onCommitted, port) {
      const said = telemetry({ level: 'error', base: {}, tracing: null })
      const parts: ServiceParts = {
        log: cluster.client(),
        registry,
        snapshots,
        clock: systemClock,
        telemetry: said,
        ...serviceCodecs(configuration, settings),
        onCommitted,
      }
      let running: Running | null = null
      // The address before all else: one that is taken is said at once.
      const http = port === null ? null : await listen(port, said, () => running)
      const service = startService(settings, parts)
      running = { service, api: composeApi(configuration, settings, service, parts) }
      return {
        service,
        url: http?.url ?? null,
        async stop() {
          try {
            await service.stop()
          } finally {
            await http?.close()
          }
        },
      }
    },
  }
}

/** Ports that are tried after the usual one: another demo, or a service, may have it. */
const mostPorts = 20
const requestsPerMinute = 100_000
const maxBodyBytes = 1_048_576

/** On loopback, where nothing asks for a token: on that port, or where any will do the first free one after the usual one. */
async function listen(
  port: 'any' | number,
  telemetry: ProcessTelemetry,
  running: () => Running | null,
): Promise<HttpServer> {
  const first = port === 'any' ? usualPort : port
  for (let tried = 0; ; tried++) {
    try {
      return await startHttp({
        ...processHttp(telemetry, running),
        host: '127.0.0.1',
        port: first + tried,
        access: { tokensPath: null, oidc: null },
        requestsPerMinute,
        maxBodyBytes,
        grpcPort: null,
        onRefused: () => undefined,
      })
    } catch (error) {
      if (port !== 'any' || tried === mostPorts || !(error instanceof ShoalError)) throw error
    }
  }
}

/**
 * An embedded log begins empty. The snapshot of the last start becomes its first record, so that the service finds the
 * model where it always does, in the log; a snapshot that cannot be used is left alone, and a new model is born.
 */
async function beginFromSnapshot(
  log: EventLog,
  registry: SchemaRegistry,
  snapshots: SnapshotStore,
  { name, fingerprint, topics }: ServiceSettings,
): Promise<number | null> {
  const snapshot: Snapshot | null = await snapshots.latest(name).catch(() => null)
  if (snapshot === null) return null
  const decoded = decodeModel(snapshot.bytes.subarray(wireHeaderBytes), fingerprint)
  if ('refused' in decoded) return null
  const id = await registry.register(`${topics.models}-value`, schemaText('model'))
  const model = inNewLog(decoded.value)
  await log.publish((outputs) => publishModel(outputs, topics.models, id, model, snapshot.publishedAtMs))
  return model.version
}
