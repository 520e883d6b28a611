/** The folder's Kafka Streams, with the broker and the commit interval to choose: what it holds is compiled anew with these two as properties. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Started, startProgram } from '../started.ts'
import type { Scratch } from './scratch.ts'

/** What its program says, and what it says where it is to choose. */
const settings: readonly (readonly [fixed: string, chosen: string])[] = [
  ['"127.0.0.1:29092"', 'System.getProperty("bootstrap.servers")'],
  ['"commit.interval.ms", 100', '"commit.interval.ms", Integer.getInteger("commit.interval.ms")'],
]
/** A JVM that was ended by SIGTERM, its hooks run, says so. */
const terminated = 143

interface StreamsOptions {
  readonly broker: string
  readonly input: string
  readonly output: string
  readonly group: string
  readonly commitIntervalMs: number
}

/** Throws when the folder's program is another one than it was. */
export async function compileStreams({ folder, shell }: Scratch): Promise<(options: StreamsOptions) => Started> {
  let source = readFileSync(join(folder, 'jvm', 'src', 'main', 'java', 'KS.java'), 'utf8')
  for (const [fixed, chosen] of settings) {
    if (source.split(fixed).length !== 2) throw new Error(`KS.java must say ${fixed} once`)
    source = source.replace(fixed, chosen)
  }
  mkdirSync(join(folder, 'jvm', 'chosen'), { recursive: true })
  writeFileSync(join(folder, 'jvm', 'chosen', 'KS.java'), source)
  await shell("cd jvm && javac -cp 'lib/*' -d chosen chosen/KS.java src/main/java/KM.java")
  return ({ broker, input, output, group, commitIntervalMs }) => {
    const flags = ['-Xmx512m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', 'jvm/chosen:jvm/lib/*']
    const chosen = [`-Dbootstrap.servers=${broker}`, `-Dcommit.interval.ms=${commitIntervalMs}`]
    const args = [input, output, group, 'eos', 'kmeans']
    const name = `Kafka Streams, ${commitIntervalMs} ms`
    return startProgram(['java', ...flags, ...chosen, 'KS', ...args], { name, folder, goodCodes: [0, terminated] })
  }
}
