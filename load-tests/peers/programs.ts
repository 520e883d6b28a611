/** What is started for each of them: the same transactions in, an assignment for each out, committed exactly once. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shippedCommand } from '../shipped.ts'
import { jobClusters } from '../throughput/job.ts'

const broker = '127.0.0.1:29092'

/** The eight columns that the others make, of the fields as their generator names them. */
const features = [
  { field: 'amount', transform: 'log' },
  { field: 'ts', transform: 'hourOfDay' },
  { field: 'lat' },
  { field: 'lon' },
  { field: 'risk' },
  { field: 'mcc' },
  { field: 'channel', transform: { oneHot: ['pos'] } },
]
const text = (name: string) => ({ name, type: 'string' })
const number = (name: string) => ({ name, type: 'double' })
const schema = {
  type: 'record',
  name: 'Tx',
  fields: [
    ...['id', 'customer', 'merchant'].map(text),
    number('amount'),
    ...['currency', 'country'].map(text),
    { name: 'mcc', type: 'int' },
    text('channel'),
    { name: 'ts', type: 'long' },
    ...['lat', 'lon', 'risk'].map(number),
  ],
}

const jvm = ['java', '-Xmx512m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', 'jvm/classes:jvm/lib/*', 'KS']
const places = ['{IN}', '{OUT}', '{GROUP}']

/** By name, the command; the names of its topics and group are filled in where it says so. */
export function programs(folder: string): ReadonlyMap<string, readonly string[]> {
  return new Map([
    ['shoal', shoal(folder)],
    ['kafka-streams', [...jvm, ...places, 'eos', 'kmeans']],
    ['flink', ['./fk.sh', ...places, 'eos']],
    ['copy', ['venv/bin/python', 'py_copy.py', ...places, 'eos']],
  ])
}

/** Everything on: learning, scoring with the mixture, explanations, drift, statistics and metrics. */
function shoal(folder: string): readonly string[] {
  const schemaFile = join(folder, 'shoal.avsc')
  const config = join(folder, 'shoal.json')
  writeFileSync(schemaFile, JSON.stringify(schema))
  const settings = {
    input: { time: 'ts', schemaFile },
    features,
    clusters: { k: jobClusters },
    kafka: { brokers: [broker] },
    registry: { url: null },
    redis: null,
    log: { level: 'warn' },
  }
  writeFileSync(config, JSON.stringify(settings))
  const names = ['SHOAL_INPUT_TOPIC={IN}', 'SHOAL_TOPICS_ASSIGNMENTS={OUT}', 'SHOAL_NAME={GROUP}']
  return ['env', ...names, ...shippedCommand(), 'run', '-c', config]
}
