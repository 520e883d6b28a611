/** Who takes turns: the same events in, an assignment of each out, committed exactly once. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { compileStreams } from '../peers/kafka-streams.ts'
import type { Scratch } from '../peers/scratch.ts'
import { startShoal } from '../shoal-process.ts'
import { jobClusters, jobFeatures, schemaOf, usualJob } from '../throughput/job.ts'
import type { Contender } from './turn.ts'

const commitIntervalsMs = [100, 10]

interface Servers {
  readonly kafka: string
  readonly redis: string
  /** For configurations. */
  readonly folder: string
}

/** As it is by itself, with snapshots; events without a registry, as the others read them. */
export function shoal({ kafka, redis, folder }: Servers): Contender {
  const schemaFile = join(folder, 'event.avsc')
  writeFileSync(schemaFile, schemaOf(usualJob))
  return {
    name: 'Shoal',
    headerBytes: wireHeaderBytes,
    outputOf: (group) => `${group}.assignments`,
    start({ input, group }) {
      const path = join(folder, `${group}.yaml`)
      const settings = {
        name: group,
        input: { topic: input, time: null, schemaFile },
        features: jobFeatures,
        clusters: { k: jobClusters },
        http: { port: null },
        log: { level: 'warn' },
        kafka: { brokers: [kafka] },
        registry: { url: null },
        redis: { url: redis },
      }
      writeFileSync(path, JSON.stringify(settings))
      return startShoal(['run', '-c', path])
    },
  }
}

/** Kafka Streams with the commit interval that it has by itself under exactly_once_v2, and with a tenth of it. */
export async function streams({ kafka }: Servers, scratch: Scratch): Promise<readonly Contender[]> {
  const start = await compileStreams(scratch)
  return commitIntervalsMs.map((commitIntervalMs) => ({
    name: `Kafka Streams, commits every ${commitIntervalMs} ms`,
    headerBytes: 0,
    outputOf: (group) => `${group}-out`,
    start: (topics) => start({ broker: kafka, commitIntervalMs, ...topics }),
  }))
}
