/** The other stream processors, set up beside a broker of their own in a copy of the folder that holds them. */
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf } from '../program-output.ts'

const packages = ['confluent-kafka==2.12.2', 'fastavro==1.13.1', 'numpy==2.4.6', 'psutil==7.1.3']
const jars = 'mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib && mkdir -p classes && '

/** What must have been done before anything can be started, and the file that shows that it was. */
const steps: readonly (readonly [what: string, shows: string, command: string])[] = [
  [
    'Python packages',
    'venv/installed',
    `python3 -m venv venv && venv/bin/pip install -q ${packages.join(' ')} && touch venv/installed`,
  ],
  ['Kafka Streams', 'jvm/classes/KS.class', `cd jvm && ${jars} javac -cp 'lib/*' -d classes src/main/java/*.java`],
  [
    'Flink',
    'flink/classes/FK.class',
    `cd flink && ${jars} javac -nowarn -cp 'lib/*:../jvm/classes' -d classes src/main/java/FK.java ../jvm/src/main/java/KM.java`,
  ],
]

export interface Processors {
  readonly folder: string
  /** One line of JSON, as the folder's bench.py prints it. */
  measure(name: string, events: number, command: readonly string[], verify: boolean): Promise<unknown>
  stop(): Promise<void>
}

/** Copies `from` to `folder` unless that was done, installs what is missing, starts the broker and fills the topic. */
export async function openProcessors(
  from: string,
  folder: string,
  events: number,
  say: (line: string) => void,
): Promise<Processors> {
  mkdirSync(folder, { recursive: true })
  cpSync(from, folder, { recursive: true, force: false, verbatimSymlinks: true })
  mkdirSync(join(folder, 'logs'), { recursive: true })
  const shell = (command: string) => outputOf('sh', ['-c', `cd ${JSON.stringify(folder)} && ${command}`])
  for (const [what, shows, command] of steps) {
    if (existsSync(join(folder, shows))) continue
    say(`installing: ${what}`)
    await shell(command)
  }
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
