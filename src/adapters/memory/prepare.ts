import { ShoalError } from '../../runtime/errors.ts'
import type { TopicSpec } from '../../runtime/ports.ts'
import type { MemoryCluster, Topic } from './cluster.ts'

/**
 * Creates what is missing, adds partitions where there are too few, or refuses it by name; what exists must fit.
 * Nothing is done when anything is refused.
 */
export function prepareTopics(cluster: MemoryCluster, specs: readonly TopicSpec[], create: boolean): void {
  const missing = specs.filter((spec) => cluster.topic(spec.topic) === undefined)
  const refused = missing.filter((spec) => spec.owner === 'user' || !create)
  if (refused.length > 0) {
    const names = refused.map(
      (spec) => `${spec.topic} (partitions: ${spec.partitions ?? 'any'}, cleanup: ${spec.cleanup})`,
    )
    throw new ShoalError('topics.missing', `these topics must exist: ${names.join(', ')}`)
  }
  const faults = specs.flatMap((spec) => {
    const topic = cluster.topic(spec.topic)
    return topic === undefined ? [] : faultsOf(spec, topic, create)
  })
  if (faults.length > 0) throw new ShoalError('topics.unfit', faults.join('; '))
  for (const spec of missing) cluster.create(spec)
  for (const { topic, partitions } of specs) if (partitions !== null) cluster.grow(topic, partitions)
}

function faultsOf(spec: TopicSpec, topic: Topic, create: boolean): string[] {
  const faults: string[] = []
  const partitions = topic.partitions.length
  const canGrow = create && spec.owner === 'shoal' && partitions < (spec.partitions ?? 0)
  if (spec.partitions !== null && spec.partitions !== partitions && !canGrow) {
    faults.push(`topic ${spec.topic} must have ${spec.partitions} partitions: it has ${partitions}`)
  }
  if (spec.owner === 'shoal' && spec.cleanup !== topic.cleanup) {
    faults.push(`topic ${spec.topic} must have cleanup.policy ${spec.cleanup}: it has ${topic.cleanup}`)
  }
  if (spec.maxMessageBytes !== undefined && topic.maxMessageBytes < spec.maxMessageBytes) {
    const has = topic.maxMessageBytes
    faults.push(`topic ${spec.topic} must take ${spec.maxMessageBytes} bytes (max.message.bytes): it takes ${has}`)
  }
  return faults
}
