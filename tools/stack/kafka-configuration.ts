/** What a broker of ours is configured with: its server.properties, and the ports that it keeps over restarts. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './server.ts'

/** One more listener beside PLAINTEXT. What it needs further (`listener.name.…`) is given among the properties. */
export interface KafkaListener {
  /** In capital letters, as in `listeners`. */
  readonly name: string
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  /** The port that clients are told: that of a proxy, which stands between them and the listener's own port. */
  readonly advertisedPort?: number
}

/** One broker among those of its cluster. */
export interface KafkaNode {
  readonly id: number
  /** Every node's controller, by the node's id, this one's among them. */
  readonly controllers: ReadonlyMap<number, number>
}

export interface KafkaPlan {
  readonly folder: string
  readonly port: number
  readonly listeners: readonly KafkaListener[]
  readonly node: KafkaNode
  readonly properties: Readonly<Record<string, string>>
}

export interface KafkaConfiguration {
  /** Of server.properties. */
  readonly path: string
  /** The port of each further listener, by its name. */
  readonly ports: ReadonlyMap<string, number>
}

/** A restart keeps its ports: the quorum's data name the controller's, clients and proxies know the others. */
export async function configureKafka(plan: KafkaPlan): Promise<KafkaConfiguration> {
  const path = pathIn(plan.folder)
  const known = await portsIn(plan.folder)
  const ports = new Map<string, number>()
  for (const { name } of plan.listeners) ports.set(name, known.get(name) ?? (await freePort()))
  const properties = { ...defaults(plan.node.controllers.size), ...listenersOf(plan, ports), ...plan.properties }
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`)
  await writeFile(path, lines.join(''))
  return { path, ports }
}

/** By listener; empty before the first start. */
export async function portsIn(folder: string): Promise<ReadonlyMap<string, number>> {
  const text = await readFile(pathIn(folder), 'utf8').catch(() => '')
  const [, listeners = ''] = /^listeners=(.*)$/m.exec(text) ?? []
  const found = listeners.matchAll(/([A-Z0-9_]+):\/\/[^:,]*:(\d+)/g)
  return new Map([...found].map(([, name, port]) => [name, Number(port)]))
}

function listenersOf({ folder, port, listeners, node }: KafkaPlan, ports: ReadonlyMap<string, number>) {
  const at = (name: string, where: number | undefined): string => `${name}://127.0.0.1:${where}`
  const own = [at('PLAINTEXT', port), ...listeners.map(({ name }) => at(name, ports.get(name)))]
  const advertised = listeners.map(({ name, advertisedPort }) => at(name, advertisedPort ?? ports.get(name)))
  const protocols = listeners.map(({ name, protocol }) => `${name}:${protocol}`)
  return {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': [...node.controllers].map(([id, its]) => `${id}@127.0.0.1:${its}`).join(','),
    listeners: [...own, at('CONTROLLER', node.controllers.get(node.id))].join(','),
    'advertised.listeners': [at('PLAINTEXT', port), ...advertised].join(','),
    'listener.security.protocol.map': ['PLAINTEXT:PLAINTEXT', 'CONTROLLER:PLAINTEXT', ...protocols].join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'log'),
  }
}

/**
 * The short session and heartbeat let a restart after kill -9 take 4 s instead of 13; the small offset and
 * transaction topics and the small cleaner buffer save memory; the rest is Kafka's default, message.max.bytes included.
 */
function defaults(nodes: number): Readonly<Record<string, string | number | boolean>> {
  // With three, one can be away and everything goes on; with two, or one, nothing may be.
  const replicas = Math.min(nodes, 3)
  const inSync = Math.max(replicas - 1, 1)
  return {
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'unclean.leader.election.enable': false,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.min.isr': inSync,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 500,
    'log.cleaner.dedupe.buffer.size': 4194304,
    // Retention goes by the records' own timestamps: those of a test or of a CSV file may be years old.
    'log.retention.ms': -1,
  }
}

const pathIn = (folder: string): string => join(folder, 'server.properties')
