/** What a transaction has changed of its partitions' profiles, as records of their topic. */
import type { ProfilePlan } from '../core/profiles/profile-plan.ts'
import { maxEntityBytes } from '../core/profiles/profile-table.ts'
import { ProfileWriter } from '../core/profiles/profile-writer.ts'
import type { EntityProfiles, Profiles } from '../core/profiles/profiles.ts'
import type { Outputs, RecordSink } from './records.ts'
import { wireHeaderBytes, writeWireHeader } from './wire-format.ts'

/** Records that were appended: of profiles that changed, and of those that were given up. */
export interface ProfileChanges {
  written: number
  evicted: number
}

export class ProfileRecords {
  private readonly topic: string
  private readonly schemaId: number
  private readonly writers: readonly ProfileWriter[]
  /** Prefix and entity, of each kind. */
  private readonly keys: readonly Buffer[]

  constructor(plan: ProfilePlan, topic: string, schemaId: number) {
    this.topic = topic
    this.schemaId = schemaId
    this.writers = plan.entities.map((entity) => new ProfileWriter(entity))
    this.keys = this.writers.map(({ keyPrefix }) => {
      const key = Buffer.alloc(keyPrefix.length + maxEntityBytes)
      key.set(keyPrefix)
      return key
    })
  }

  /**
   * Appends what changed since the last time (IN and OUT: nothing is changed then), one record for each entity however
   * many events it had, and adds to `changes` (OUT).
   */
  append(outputs: Outputs, partition: number, profiles: Profiles, timestampMs: number, changes: ProfileChanges): void {
    const sink = outputs.sink(this.topic, partition)
    const times = Float64Array.of(timestampMs)
    for (const [kind, entity] of profiles.entities.entries()) {
      const { table } = entity
      this.appendTombstones(outputs, partition, kind, entity, timestampMs)
      if (table.changes > 0) this.appendPopulation(sink, kind, entity, times)
      this.appendChanged(sink, kind, entity, times)
      changes.written += table.changes
      changes.evicted += table.evicted.size
      table.settle()
    }
  }

  /** Before those that took their places: whoever reads them back never has more than the limit. */
  private appendTombstones(
    outputs: Outputs,
    partition: number,
    kind: number,
    { table }: EntityProfiles,
    timestamp: number,
  ): void {
    for (const evicted of table.evicted) {
      const key = Buffer.concat([this.writers[kind].keyPrefix, Buffer.from(evicted, 'latin1')])
      outputs.append({ topic: this.topic, partition, key, value: null, timestamp })
    }
  }

  private appendChanged(sink: RecordSink, kind: number, entity: EntityProfiles, times: Float64Array): void {
    const { table } = entity
    const writer = this.writers[kind]
    const key = this.keys[kind]
    const prefix = writer.keyPrefix.length
    for (let i = 0; i < table.changes; i++) {
      const slot = table.changed[i]
      const start = table.keyStartOf(slot)
      const length = table.keyLengthOf(slot)
      for (let b = 0; b < length; b++) key[prefix + b] = table.keys[start + b]
      const size = wireHeaderBytes + writer.size(entity, slot)
      const at = sink.reserve(key, 0, prefix + length, size, times, 0)
      const { bytes, view } = sink
      writer.write(entity, slot, bytes, view, writeWireHeader(bytes, at, this.schemaId))
    }
  }

  private appendPopulation(sink: RecordSink, kind: number, entity: EntityProfiles, times: Float64Array): void {
    const writer = this.writers[kind]
    const size = wireHeaderBytes + writer.sizeOfPopulation(entity)
    const at = sink.reserve(this.keys[kind], 0, writer.keyPrefix.length - 1, size, times, 0)
    const { bytes, view } = sink
    writer.writePopulation(entity, bytes, view, writeWireHeader(bytes, at, this.schemaId))
  }
}
