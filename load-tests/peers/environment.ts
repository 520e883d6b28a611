/** The other stream processors, set up beside a broker of their own in a copy of the folder that holds them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { flink, kafkaStreams, openScratch, python } from './scratch.ts'

export interface Processors {
  readonly folder: string
  /** One line of JSON, as the folder's bench.py prints it. */
  measure(name: string, events: number, command: readonly string[], verify: boolean): Promise<unknown>
  stop(): Promise<void>
}

/** Installs in the copy at `folder` what is missing, starts the broker and fills the topic. */
export async function openProcessors(
  from: string,
  folder: string,
  events: number,
  say: (line: string) => void,
): Promise<Processors> {
  const { shell } = await openScratch(from, folder, [python, kafkaStreams, flink], say)
  say('starting the broker')
  await shell('./start-broker.sh')
  const stop = async () => {
    await shell('./stop-broker.sh')
  }
  const filled = join('kdata', `filled-${events}`)
  if (!existsSync(join(folder, filled))) {
    say(`writing ${events.toLocaleString('en-US')} events`)
    try {
      await shell(`venv/bin/python gen.py ${topicOf(events)} ${events} && touch ${filled}`)
    } catch (error) {
      await stop()
      throw error
    }
  }
  return {
    folder,
    measure: async (name, count, command, verify) => {
      const quoted = command.map((part) => `'${part}'`).join(' ')
      const checks = verify ? '' : 'NOVERIFY=1 '
      const line = await shell(
        `${checks}LIMIT=180 venv/bin/python bench.py ${name} ${topicOf(count)} ${count} -- ${quoted}`,
      )
      return JSON.parse(line)
    },
    stop,
  }
}

const topicOf = (events: number) => `tx${events}`
