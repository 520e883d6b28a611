/** The names of the output topics. */
import type { Settings } from './schema.ts'

export const outputTopics = {
  assignments: 'assignments',
  anomalies: 'anomalies',
  deadLetters: 'dead-letters',
  driftEvents: 'drift-events',
  modelUpdates: 'model-updates',
  models: 'models',
  audit: 'audit',
  profiles: 'profiles',
  primary: 'primary',
  shadowAssignments: 'shadow-assignments',
  shadowAnomalies: 'shadow-anomalies',
} as const

export type OutputTopic = keyof typeof outputTopics

/** What all deployments write that stand beside one another, each for the partitions that it is the primary of. */
const shared: readonly OutputTopic[] = ['assignments', 'anomalies', 'deadLetters', 'primary']

/** The name given to an output topic, or `<topics.prefix>.<suffix>`; of what is shared, as the first deployment calls it. */
export function outputTopicName({ name, topics, shadow }: Settings, output: OutputTopic): string {
  const own = topics.prefix ?? name
  const prefix = shared.includes(output) ? (shadow.of ?? own) : own
  return topics[output] ?? `${prefix}.${outputTopics[output]}`
}
