/** The demo's world: the pipeline on the embedded log, begun with the model that the folder's snapshot holds. */
import { avroReader } from './adapters/registry/avro-values.ts'
import { telemetry } from './adapters/telemetry/telemetry.ts'
import type { DemoWorld } from './cli/demo.ts'
import type { ShownAnomaly } from './cli/demo-report.ts'
import { openEmbedded, schemaText, serviceCodecs } from './compose.ts'
import { decodeModel } from './core/codec/model-codec.ts'
import { inNewLog } from './core/model/model.ts'
import { systemClock } from './runtime/clock.ts'
import type { Configuration } from './runtime/configuration/configuration.ts'
import type { EventLog, SchemaRegistry, Snapshot, SnapshotStore } from './runtime/ports.ts'
import { type ServiceSettings, startService } from './runtime/service.ts'
import { serviceSettings } from './runtime/service-settings.ts'
import { prepareTopics } from './runtime/topics.ts'
import { publishModel } from './stages/train.ts'
import { wireHeaderBytes } from './stages/wire-format.ts'

const historyLimit = 20

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
    start: (onCommitted) =>
      startService(settings, {
        log: cluster.client(),
        registry,
        snapshots,
        clock: systemClock,
        telemetry: telemetry({ level: 'error', base: {}, tracing: null }),
        ...serviceCodecs(configuration, settings),
        onCommitted,
      }),
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
