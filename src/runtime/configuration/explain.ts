/** What a configuration means: facts for a person or a program, without a secret. */
import { columnCount } from '../../core/features/feature-plan.ts'
import type { FeatureSpec } from '../../core/features/features.ts'
import { leastBirthEvents } from '../../core/kmeans/k-choice.ts'
import type { Configuration, Origin } from './configuration.ts'
import { type ServerFacts, serverFacts } from './explain-servers.ts'
import { warningsOf } from './warnings.ts'

interface FeatureFacts extends FeatureSpec {
  /** Its own columns and the one of its indicator. */
  readonly columns: number
}

interface TopicFacts {
  readonly topic: string
  readonly holds: string
  /** Null: as many as the input. */
  readonly partitions: number | null
  readonly cleanup: 'delete' | 'compact'
  /** Null: the broker's default, or for ever in a compacted topic. */
  readonly retentionMs: number | null
}

export interface Explanation {
  readonly name: string
  readonly fingerprint: string
  readonly reads: Omit<Configuration['input'], 'schema'> & {
    /** Where the schemas of the values come from; null for JSON. */
    readonly schemas: 'registry' | 'file' | null
  }
  readonly features: readonly FeatureFacts[]
  readonly columns: number
  readonly learns: Configuration['clusters'] & {
    readonly bornFromEvents: number
    /** After `maxWaitMs` so many are enough. */
    readonly atLeastEvents: number
    readonly maxWaitMs: number
  }
  readonly publishes: Configuration['models']
  readonly profiles: Configuration['profiles']
  readonly callsAnomalous: Configuration['anomalies']
  readonly topics: Pick<Configuration['topics'], 'create' | 'replicationFactor'>
  readonly writes: readonly TopicFacts[]
  readonly worker: Configuration['worker']
  readonly servers: ServerFacts
  /** What was set, by whom; all other keys are defaults. */
  readonly set: Readonly<Record<string, Origin>>
  /** What is allowed and probably not meant. */
  readonly warnings: readonly string[]
}

export function explain(configuration: Configuration): Explanation {
  const { input, features, clusters, bootstrap, topics } = configuration
  const { schema, ...reads } = input
  return {
    name: configuration.name,
    fingerprint: configuration.fingerprint,
    reads: { ...reads, schemas: input.format === 'json' ? null : schema === null ? 'registry' : 'file' },
    features: features.map((spec) => ({ ...spec, columns: columnCount(spec) })),
    columns: configuration.columns,
    learns: {
      ...clusters,
      bornFromEvents: bootstrap.minEvents,
      atLeastEvents: leastBirthEvents(clusters.k),
      maxWaitMs: bootstrap.maxWaitMs,
    },
    publishes: configuration.models,
    profiles: configuration.profiles,
    callsAnomalous: configuration.anomalies,
    topics: { create: topics.create, replicationFactor: topics.replicationFactor },
    writes: outputs(configuration),
    worker: configuration.worker,
    servers: serverFacts(configuration),
    set: Object.fromEntries(configuration.origins),
    warnings: warningsOf(configuration),
  }
}

function outputs({ topics, features, shadow }: Configuration): readonly TopicFacts[] {
  const { retentionMs, modelUpdatesRetentionMs, auditRetentionMs } = topics
  const perEvent = { partitions: null, cleanup: 'delete', retentionMs } as const
  const profiles: TopicFacts = {
    ...{ topic: topics.profiles, holds: 'what is usual for each entity' },
    ...{ partitions: null, cleanup: 'compact', retentionMs: null },
  }
  const single = { partitions: 1, cleanup: 'delete' } as const
  const shadows = [topics.shadowAssignments, topics.shadowAnomalies].map((topic) => {
    return { topic, holds: 'the same while another is the primary', ...perEvent }
  })
  return [
    { topic: topics.assignments, holds: 'every valid event, once', ...perEvent },
    { topic: topics.anomalies, holds: 'the unusual ones, explained', ...perEvent },
    { topic: topics.deadLetters, holds: 'every invalid event, once', ...perEvent },
    { topic: topics.driftEvents, holds: 'drift and the life of clusters', ...single, retentionMs },
    { topic: topics.modelUpdates, holds: 'statistics of the batches', ...single, retentionMs: modelUpdatesRetentionMs },
    { topic: topics.models, holds: 'published versions', ...single, cleanup: 'compact', retentionMs: null },
    { topic: topics.audit, holds: 'what people did and were refused', ...single, retentionMs: auditRetentionMs },
    { topic: topics.primary, holds: 'whose the outputs are', ...single, cleanup: 'compact', retentionMs: null },
    ...(shadow.of === null || !shadow.outputs ? [] : shadows),
    ...(features.some(({ profile }) => profile !== undefined) ? [profiles] : []),
  ]
}
