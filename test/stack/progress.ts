/** How far a pipeline is and who does its work, looked at from outside. */
import { AssignerProtocol, Kafka, logLevel } from 'kafkajs'
import { openKafka } from '../../src/compose.ts'
import { readTopic, until } from '../pipeline/harness.ts'
import { silentLog } from '../silent-log.ts'
import type { Pipeline } from './pipeline.ts'
import type { ShoalProcess } from './shoal-process.ts'

export interface Progress {
  /** Share of the input whose outcome is committed. */
  share(): Promise<number>
  /** Partitions of a topic by the name of the process that has them; empty while the group has no generation. */
  owners(group: string, topic: string): Promise<ReadonlyMap<string, readonly number[]>>
  /** Waits until every event has its outcome and the newest version, which `process` knows, holds every update. */
  finished(process: ShoalProcess, deadlineMs: number): Promise<void>
  close(): Promise<void>
}

export async function watchProgress({ name, input, configuration }: Pipeline): Promise<Progress> {
  const { brokers } = configuration.kafka
  const admin = new Kafka({ clientId: `${name}-progress`, brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const log = openKafka(configuration, `${name}-progress`, silentLog)
  const share = async () => {
    const [{ partitions }] = await admin.fetchOffsets({ groupId: name, topics: [input] })
    const ends = await admin.fetchTopicOffsets(input)
    const sum = (offsets: readonly { readonly offset: string }[]) =>
      offsets.reduce((total, { offset }) => total + Math.max(0, Number(offset)), 0)
    return sum(partitions) / sum(ends)
  }
  return {
    share,
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
    async finished(process, deadlineMs) {
      const { modelUpdates } = configuration.topics
      let reached = ''
      const describe = () => `${reached}. ${process.name} has said:\n${process.said()}`
      const all = async () => {
        const done = await share()
        reached = `${done} of the events are done`
        return done === 1
      }
      await until(all, describe, deadlineMs)
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
