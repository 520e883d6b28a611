/** How far a pipeline is and who does its work, looked at from outside. */
import { AssignerProtocol, Kafka, logLevel } from 'kafkajs'
import { openKafka } from '../../src/compose.ts'
import { readTopic, until } from '../pipeline/harness.ts'
import { silentLog } from '../silent-log.ts'
import type { Pipeline } from './pipeline.ts'
import type { ShoalProcess } from './shoal-process.ts'

export interface Progress {
  /** Events whose outcome is committed. */
  done(): Promise<number>
  /** Partitions of a topic by the name of the process that has them; empty while the group has no generation. */
  owners(group: string, topic: string): Promise<ReadonlyMap<string, readonly number[]>>
  /**
   * Waits until so many events have their outcome, no transaction is open, and the newest version, which `process`
   * knows, holds every update.
   */
  finished(events: number, process: ShoalProcess, deadlineMs: number): Promise<void>
  close(): Promise<void>
}

export async function watchProgress({ name, input, configuration }: Pipeline): Promise<Progress> {
  const { brokers } = configuration.kafka
  const admin = new Kafka({ clientId: `${name}-progress`, brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const log = openKafka(configuration, `${name}-progress`, silentLog)
  const done = async () => {
    const [{ partitions }] = await admin.fetchOffsets({ groupId: name, topics: [input] })
    return partitions.reduce((total, { offset }) => total + Math.max(0, Number(offset)), 0)
  }
  const isUndecided = async (topic: string) => {
    const facts = await log.describe(topic)
    const partitions = Array.from({ length: facts?.partitions ?? 0 }, (_, partition) => ({ topic, partition }))
    const ends = partitions.map(async (at) => (await log.bounds(at)).end < (await log.written(at)))
    return (await Promise.all(ends)).includes(true)
  }
  return {
    done,
    async owners(group, topic) {
      const { groups } = await admin.describeGroups([group])
      if (groups[0]?.state !== 'Stable') return new Map()
      return new Map(
        groups[0].members.map(({ clientId, memberAssignment }) => {
          const assignment = AssignerProtocol.MemberAssignment.decode(memberAssignment)
          return [clientId, assignment?.assignment[topic] ?? []]
        }),
      )
    },
    async finished(events, process, deadlineMs) {
      const { assignments, anomalies, deadLetters, modelUpdates, models } = configuration.topics
      let reached = ''
      const describe = () => `${reached}. ${process.name} has said:\n${process.said()}`
      const all = async () => {
        const now = await done()
        reached = `${now} of ${events} events are done`
        return now === events
      }
      await until(all, describe, deadlineMs)
      // What a dead process left open hides what others have committed behind it, until the broker ends it.
      const decided = async () => {
        const undecided = await Promise.all(
          [assignments, anomalies, deadLetters, modelUpdates, models].map(isUndecided),
        )
        reached = `${undecided.filter(Boolean).length} topics have open transactions`
        return !undecided.includes(true)
      }
      await until(decided, describe, deadlineMs)
      // An update commits with the outcomes of its events: there will be no more of them.
      const versions = (await readTopic(log, modelUpdates)).length + 1
      const folded = async () => {
        const version = await process.metric('shoal_model_version')
        reached = `version ${version} of ${versions}`
        return version === versions
      }
      await until(folded, describe, deadlineMs)
    },
    async close() {
      await Promise.all([admin.disconnect(), log.close()])
    },
  }
}
