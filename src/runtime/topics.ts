/** The topics that Shoal works with, and what each must be. */
import type { OutputLimits, ShadowTopics } from '../stages/score.ts'
import { ShoalError } from './errors.ts'
import type { EventLog, TopicSpec } from './ports.ts'

/** Names of all topics of one model. */
export interface TopicNames {
  readonly input: string
  readonly assignments: string
  readonly anomalies: string
  readonly deadLetters: string
  readonly driftEvents: string
  readonly modelUpdates: string
  readonly models: string
  readonly audit: string
  /** Says which deployment writes the outputs of which partition. */
  readonly primary: string
  /** Where this deployment writes its own while another is the primary; null: nowhere. */
  readonly shadow: ShadowTopics | null
  /** Null: no feature asks for a profile, and there is no such topic. */
  readonly profiles: string | null
}

export interface TopicPolicy {
  readonly create: boolean
  /** Null: the broker's default. */
  readonly retentionMs: number | null
  readonly modelUpdatesRetentionMs: number | null
  readonly auditRetentionMs: number | null
}

/** A model or an update of the largest configuration fits. */
export const modelRecordBytes = 16 * 1024 * 1024
/** What a dead letter adds to its event: headers. */
const deadLetterOverheadBytes = 64 * 1024

/** What a batch takes beside the keys, values and headers of its one record, and more. */
const batchOverheadBytes = 1024

export interface PreparedTopics {
  readonly inputPartitions: number
  readonly limits: OutputLimits
}

/**
 * Finds out how many partitions the input has, creates or verifies the rest to fit, and finds out what they take. Those
 * of a shadow are among them for one that is a shadow.
 */
export async function prepareTopics(
  log: EventLog,
  names: TopicNames,
  policy: TopicPolicy,
  isShadow = false,
): Promise<PreparedTopics> {
  const specs = await topicSpecs(log, names, policy, isShadow)
  await log.prepare(specs.all, policy.create)
  const takes = async (topic: string) => {
    const facts = await log.describe(topic)
    if (facts === null) throw new ShoalError('topics.missing', `topic ${topic} must exist: it was there a moment ago`)
    return facts.maxMessageBytes
  }
  const { assignments, anomalies, deadLetters } = names
  const shadows = isShadow && names.shadow !== null ? [names.shadow.assignments, names.shadow.anomalies] : []
  let keyed = Number.POSITIVE_INFINITY
  for (const topic of [assignments, anomalies, ...shadows]) keyed = Math.min(keyed, await takes(topic))
  const deadLetterBytes = (await takes(deadLetters)) - batchOverheadBytes
  return { inputPartitions: specs.inputPartitions, limits: { keyBytes: Math.floor(keyed / 2), deadLetterBytes } }
}

/** Kafka compacts closed segments alone: a takeover reads what was written since, and with a gigabyte that takes minutes. */
const profileSegmentBytes = 64 * 1024 * 1024

function profilesSpec(topic: string, partitions: number): TopicSpec {
  const sizes = { maxMessageBytes: modelRecordBytes, segmentBytes: profileSegmentBytes }
  return { topic, partitions, cleanup: 'compact', ...sizes, datedBy: 'log', owner: 'shoal' }
}

/** What every topic must be, given the input as it is. */
export async function topicSpecs(
  log: EventLog,
  names: TopicNames,
  policy: TopicPolicy,
  isShadow = false,
): Promise<{ readonly all: readonly TopicSpec[]; readonly inputPartitions: number }> {
  const input = await log.describe(names.input)
  if (input === null) {
    throw new ShoalError('topics.missing', `input.topic must exist: there is no topic ${JSON.stringify(names.input)}`)
  }
  const retention = (ms: number | null) => (ms === null ? {} : { retentionMs: ms })
  const perEvent = (topic: string, maxMessageBytes?: number): TopicSpec => ({
    topic,
    partitions: input.partitions,
    cleanup: 'delete',
    owner: 'shoal',
    // An output has its event's time: what the input takes, it must take too, or nothing behind it would ever be written.
    ...(input.aheadMs === null ? {} : { aheadMs: input.aheadMs }),
    ...retention(policy.retentionMs),
    ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }),
  })
  const single = { partitions: 1, owner: 'shoal' } as const
  // A process whose date is wrong would date records out of what brokers take, or into what retention deletes unread.
  const ofLearning = { ...single, maxMessageBytes: modelRecordBytes, datedBy: 'log' } as const
  return {
    inputPartitions: input.partitions,
    all: [
      { topic: names.input, partitions: null, cleanup: 'delete', owner: 'user' },
      perEvent(names.assignments),
      perEvent(names.anomalies),
      perEvent(names.deadLetters, input.maxMessageBytes + deadLetterOverheadBytes),
      { ...single, topic: names.driftEvents, cleanup: 'delete', ...retention(policy.retentionMs) },
      {
        ...ofLearning,
        topic: names.modelUpdates,
        cleanup: 'delete',
        ...retention(policy.modelUpdatesRetentionMs),
      },
      { ...ofLearning, topic: names.models, cleanup: 'compact' },
      { ...single, topic: names.audit, cleanup: 'delete', datedBy: 'log', ...retention(policy.auditRetentionMs) },
      { ...single, topic: names.primary, cleanup: 'compact', datedBy: 'log' },
      ...(isShadow && names.shadow !== null
        ? [perEvent(names.shadow.assignments), perEvent(names.shadow.anomalies)]
        : []),
      ...(names.profiles === null ? [] : [profilesSpec(names.profiles, input.partitions)]),
    ],
  }
}
