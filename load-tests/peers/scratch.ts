/** A copy of the folder that holds the others, in which they are installed and compiled. */
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf } from '../program-output.ts'

/** Where the copy lies unless somebody says otherwise; it is found there the next time. */
export const usualScratch = join(import.meta.dirname, '..', '..', '.shoal', 'peers')

/** What must have been done before something can be started, and the file that shows that it was. */
export interface Step {
  readonly what: string
  readonly shows: string
  readonly command: string
}

export interface Scratch {
  readonly folder: string
  /** What a command prints that is run in the folder. */
  shell(command: string): Promise<string>
}

/** Copies `from` to `folder` unless that was done, and does those of the steps that were not. */
export async function openScratch(
  from: string,
  folder: string,
  steps: readonly Step[],
  say: (line: string) => void,
): Promise<Scratch> {
  mkdirSync(folder, { recursive: true })
  cpSync(from, folder, { recursive: true, force: false, verbatimSymlinks: true })
  mkdirSync(join(folder, 'logs'), { recursive: true })
  const shell = (command: string) => outputOf('sh', ['-c', `cd ${JSON.stringify(folder)} && ${command}`])
  for (const { what, shows, command } of steps) {
    if (existsSync(join(folder, shows))) continue
    say(`installing: ${what}`)
    await shell(command)
  }
  return { folder, shell }
}

const packages = ['confluent-kafka==2.12.2', 'fastavro==1.13.1', 'numpy==2.4.6', 'psutil==7.1.3']
const jars = 'mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib && mkdir -p classes && '

export const python: Step = {
  what: 'Python packages',
  shows: 'venv/installed',
  command: `python3 -m venv venv && venv/bin/pip install -q ${packages.join(' ')} && touch venv/installed`,
}

/** After `python`. */
export const scikitLearn: Step = {
  what: 'scikit-learn',
  shows: 'venv/has-scikit-learn',
  command: 'venv/bin/pip install -q scikit-learn==1.9.1 && touch venv/has-scikit-learn',
}

export const kafkaStreams: Step = {
  what: 'Kafka Streams',
  shows: 'jvm/classes/KS.class',
  command: `cd jvm && ${jars} javac -cp 'lib/*' -d classes src/main/java/*.java`,
}

/** After `kafkaStreams`. */
export const flink: Step = {
  what: 'Flink',
  shows: 'flink/classes/FK.class',
  command: `cd flink && ${jars} javac -nowarn -cp 'lib/*:../jvm/classes' -d classes src/main/java/FK.java ../jvm/src/main/java/KM.java`,
}
