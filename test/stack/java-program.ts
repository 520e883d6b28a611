/** Programs in Java beside the tests: what only Kafka's own clients can say or do. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { kafkaClassPath } from '../../tools/stack/kafka.ts'
import { java } from '../../tools/stack/maven.ts'

/** Java runs a single source file as it is. */
export async function launch(source: string, args: readonly string[]): Promise<ChildProcess> {
  const flags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
  const file = join(import.meta.dirname, source)
  return spawn(await java(), [...flags, quiet, '-cp', await kafkaClassPath(), file, ...args])
}

export function linesOf(program: ChildProcess): AsyncIterator<string> & AsyncIterable<string> {
  return createInterface(program.stdout!)[Symbol.asyncIterator]()
}

/** Rejects, with what the program said, unless it ends well. */
export function exitOf(program: ChildProcess): Promise<void> {
  let said = ''
  program.stderr!.on('data', (chunk) => {
    said += chunk
  })
  const ended = once(program, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${program.spawnargs.at(-3)} ended with ${code}: ${said}`)
  })
  ended.catch(() => undefined) // Awaited once the output has been read.
  return ended
}
