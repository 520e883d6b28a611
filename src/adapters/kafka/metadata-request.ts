/** Metadata 5: who the brokers are and who leads what. */
import type { Answer, Exchange } from './api.ts'

/** In the form that kafkajs keeps, because its broker pool is given these answers too. */
export interface ClusterMetadata {
  readonly brokers: readonly {
    readonly nodeId: number
    readonly host: string
    readonly port: number
    readonly rack: string | null
  }[]
  readonly clusterId: string | null
  readonly controllerId: number
  readonly topicMetadata: readonly TopicMetadata[]
}

export interface TopicMetadata {
  readonly topic: string
  readonly topicErrorCode: number
  readonly partitionMetadata: readonly PartitionMetadata[]
}

export interface PartitionMetadata {
  readonly partitionId: number
  readonly partitionErrorCode: number
  /** -1 while there is none. */
  readonly leader: number
}

/** Exactly the topics named; none creates none. */
export function metadata(topics: readonly string[]): Exchange<Answer & ClusterMetadata> {
  return {
    api: 'Metadata',
    write: (body) => {
      body.array(topics.length)
      for (const topic of topics) body.string(topic)
      body.int8(0)
      return undefined
    },
    read: (answer) => ({
      throttleMs: answer.int32(),
      brokers: answer.array((b) => ({
        nodeId: b.int32(),
        host: b.string() ?? '',
        port: b.int32(),
        rack: b.string(),
      })),
      clusterId: answer.string(),
      controllerId: answer.int32(),
      topicMetadata: answer.array((t) => ({
        topicErrorCode: t.int16(),
        topic: t.string() ?? '',
        isInternal: t.int8() !== 0,
        partitionMetadata: t.array((p) => ({
          partitionErrorCode: p.int16(),
          partitionId: p.int32(),
          leader: p.int32(),
          replicas: p.array((r) => r.int32()),
          isr: p.array((r) => r.int32()),
          offlineReplicas: p.array((r) => r.int32()),
        })),
      })),
    }),
  }
}
