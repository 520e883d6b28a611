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
} as const

export type OutputTopic = keyof typeof outputTopics

/** The name given to an output topic, or `<topics.prefix>.<suffix>`. */
export function outputTopicName(settings: Settings, output: OutputTopic): string {
  return settings.topics[output] ?? `${settings.topics.prefix ?? settings.name}.${outputTopics[output]}`
}
