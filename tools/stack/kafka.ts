/** A real Kafka broker in KRaft mode. */
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, exists, type Report } from './cache.ts'
import { withAdmin } from './kafka-admin.ts'
import { configureKafka, type KafkaListener, type KafkaNode, portsIn } from './kafka-configuration.ts'
import { fetchKafka, java } from './maven.ts'
import { command } from './process.ts'
import { freePort, launch, type Place, placeOf, type Server, type StartOptions } from './server.ts'

const defaultVersion = '4.4.0'

/**
 * `quick`: starts soon and stays small, for tests. `usual`: what Kafka's own kafka-server-start.sh says, for what measures time:
 * the quick ones leave half of the compiler out, and all stands still while garbage is collected.
 */
const javaFlags = {
  quick: (heapMb: number) => [
    '-Xms64m',
    `-Xmx${heapMb}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:-UsePerfData',
  ],
  usual: () => [
    '-server',
    '-Xms1g',
    '-Xmx1g',
    '-XX:+UseG1GC',
    '-XX:MaxGCPauseMillis=20',
    '-XX:InitiatingHeapOccupancyPercent=35',
    '-XX:+ExplicitGCInvokesConcurrent',
  ],
} as const

export interface KafkaOptions extends StartOptions {
  /** 4.4.0, or what SHOAL_KAFKA_VERSION says. */
  readonly version?: string
  /** Broker settings on top of ours, by Kafka's own names. */
  readonly properties?: Readonly<Record<string, string>>
  readonly listeners?: readonly KafkaListener[]
  /** Given to `kafka.tools.StorageTool format` when the data folder is new, as `--add-scram`. */
  readonly scram?: readonly string[]
  /** More for Java: `-Dname=value`. */
  readonly flags?: readonly string[]
  /** How the broker's Java is set; `quick` by default. */
  readonly java?: keyof typeof javaFlags
}

/** For one broker among several: who it is, and what all of them share. */
export interface NodeOptions extends KafkaOptions {
  readonly node: KafkaNode
  readonly place: Place
  readonly clusterId: string
  readonly heapMb: number
}

export interface KafkaServer extends Server {
  /** Where each of the further listeners listens, by its name; clients are told its advertised port. */
  readonly ports: ReadonlyMap<string, number>
}

/** One node. With `folder` and `port` given, a later start goes on as the same broker, whatever ended the last. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const place = await placeOf('kafka', options.folder)
  const controller = (await portsIn(place.folder)).get('CONTROLLER') ?? (await freePort())
  const node = { id: 1, controllers: new Map([[1, controller]]) }
  return startNode({ ...options, node, place, clusterId: newClusterId(), heapMb: 768 })
}

export async function startNode(options: NodeOptions): Promise<KafkaServer> {
  const { place, node, heapMb, listeners = [], properties = {} } = options
  const version = options.version ?? process.env.SHOAL_KAFKA_VERSION ?? defaultVersion
  const program = await java()
  const classPath = await kafkaClassPath(version, options.report)
  const port = options.port ?? (await freePort())
  const { path, ports } = await configureKafka({ folder: place.folder, port, listeners, node, properties })
  await format(program, classPath, path, options)
  const flags = javaFlags[options.java ?? 'quick'](heapMb)
  const logging = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true']
  const address = `127.0.0.1:${port}`
  const server = await launch({
    name: `Kafka ${version}`,
    address,
    port,
    place,
    command: program,
    args: [...flags, ...logging, ...(options.flags ?? []), '-cp', classPath, 'kafka.Kafka', path],
    mark: path,
    probe: () => probeKafka(address),
  })
  return { ...server, ports }
}

/** The broker's metadata, as any client asks for it; it is listed only once it serves. */
export async function probeKafka(address: string): Promise<void> {
  const { brokers } = await withAdmin(address, (admin) => admin.describeCluster())
  if (brokers.length === 0) throw new Error('no broker is registered yet')
}

/** Kafka's own classes, its clients among them. */
export async function kafkaClassPath(version = defaultVersion, report: Report = () => {}): Promise<string> {
  const folder = await cached(`kafka-${version}`, 'maven', async (into) => {
    report(`fetching Kafka ${version} with Maven (about 45 MB, once)`)
    await fetchKafka(version, into)
  })
  return join(folder, 'libs', '*')
}

export function newClusterId(): string {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url')
}

async function format(program: string, classPath: string, config: string, options: NodeOptions): Promise<void> {
  const { place, clusterId, scram = [] } = options
  if (await exists(join(place.folder, 'log', 'meta.properties'))) return
  const flags = [
    '-Xmx128m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
  ]
  const users = scram.flatMap((user) => ['--add-scram', user])
  const tool = ['kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`, '-c', config, ...users]
  try {
    await command(program, [...flags, '-cp', classPath, ...tool], `\`${program}\` is not there`)
  } catch (error) {
    if (place.isTemporary) await rm(place.folder, { recursive: true, force: true })
    throw error
  }
}
