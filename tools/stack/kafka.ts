/** A real Kafka broker, one node in KRaft mode. */
import { randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { cached, exists, type Report } from './cache.ts'
import { fetchKafka, java } from './maven.ts'
import { command } from './process.ts'
import { freePort, launch, type Place, placeOf, type Server, type StartOptions } from './server.ts'

const defaultVersion = '4.4.0'

export interface KafkaOptions extends StartOptions {
  /** 4.4.0, or what SHOAL_KAFKA_VERSION says. */
  readonly version?: string
  /** Broker settings on top of ours, by Kafka's own names. */
  readonly properties?: Readonly<Record<string, string>>
}

export async function startKafka(options: KafkaOptions = {}): Promise<Server> {
  const version = options.version ?? process.env.SHOAL_KAFKA_VERSION ?? defaultVersion
  const program = await java()
  const classPath = await kafkaClassPath(version, options.report)
  const place = await placeOf('kafka', options.folder)
  const port = options.port ?? (await freePort())
  const config = await configure(place.folder, port, options.properties ?? {})
  await format(program, classPath, config, place)
  const flags = ['-Xms64m', '-Xmx768m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']
  const logging = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true']
  const address = `127.0.0.1:${port}`
  return launch({
    name: `Kafka ${version}`,
    address,
    port,
    place,
    command: program,
    args: [...flags, ...logging, '-cp', classPath, 'kafka.Kafka', config],
    mark: config,
    probe: () => probeKafka(address),
  })
}

/** The broker's metadata, as any client asks for it; it is listed only once it serves. */
export async function probeKafka(address: string): Promise<void> {
  const client = new Kafka({
    clientId: 'shoal-stack',
    brokers: address.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    retry: { retries: 0 },
  })
  const admin = client.admin()
  try {
    await admin.connect()
    const { brokers } = await admin.describeCluster()
    if (brokers.length === 0) throw new Error('no broker is registered yet')
  } finally {
    await admin.disconnect()
  }
}

/** Kafka's own classes, its clients among them. */
export async function kafkaClassPath(version = defaultVersion, report: Report = () => {}): Promise<string> {
  const folder = await cached(`kafka-${version}`, 'maven', async (into) => {
    report(`fetching Kafka ${version} with Maven (about 45 MB, once)`)
    await fetchKafka(version, into)
  })
  return join(folder, 'libs', '*')
}

/**
 * Writes server.properties and gives its path. Replication is 1 because there is one node. The short session
 * and heartbeat let a restart after kill -9 take 4 s instead of 13; the small offset and transaction topics and the
 * small cleaner buffer save memory; the rest is Kafka's default, message.max.bytes included.
 */
async function configure(folder: string, port: number, own: Readonly<Record<string, string>>): Promise<string> {
  const path = join(folder, 'server.properties')
  const controller = (await controllerPortIn(path)) ?? (await freePort())
  const properties: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'log'),
    'auto.create.topics.enable': false,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 500,
    'log.cleaner.dedupe.buffer.size': 4194304,
    // Retention goes by the records' own timestamps: those of a test or of a CSV file may be years old.
    'log.retention.ms': -1,
    ...own,
  }
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`)
  await writeFile(path, lines.join(''))
  return path
}

/** A restart keeps the controller's port: the data of the quorum names it. */
async function controllerPortIn(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const found = /^controller\.quorum\.voters=1@127\.0\.0\.1:(\d+)$/m.exec(text)
  return found === null ? null : Number(found[1])
}

async function format(program: string, classPath: string, config: string, place: Place): Promise<void> {
  if (await exists(join(place.folder, 'log', 'meta.properties'))) return
  const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url')
  const flags = [
    '-Xmx128m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
  ]
  const tool = ['kafka.tools.StorageTool', 'format', `--cluster-id=${id}`, '-c', config]
  try {
    await command(program, [...flags, '-cp', classPath, ...tool], `\`${program}\` is not there`)
  } catch (error) {
    if (place.isTemporary) await rm(place.folder, { recursive: true, force: true })
    throw error
  }
}
