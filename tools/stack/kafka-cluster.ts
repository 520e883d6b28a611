/** Several brokers as one cluster, each ended and started by itself. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KafkaOptions, type KafkaServer, newClusterId, startNode } from './kafka.ts'
import type { KafkaListener } from './kafka-configuration.ts'
import { freePort, type Place, placeOf } from './server.ts'

/** Brokers of a test hold little; three of them share a machine with what is tested. */
const heapMb = 256

export interface KafkaClusterOptions extends Omit<KafkaOptions, 'port' | 'folder' | 'listeners'> {
  readonly brokers: number
  /** Of each broker, by its id. */
  readonly listeners?: (id: number) => readonly KafkaListener[]
}

export interface KafkaBroker {
  readonly id: number
  readonly port: number
  readonly address: string
  /** The process; null while it is down. */
  readonly server: KafkaServer | null
  /** On the same ports and data as before, when there was a before. Nothing happens while it runs. */
  start(): Promise<void>
  /** In order: its leaderships are handed over first. */
  stop(): Promise<void>
  /** With no time for anything. Resolves when the process is gone. */
  kill(): Promise<void>
}

export interface KafkaCluster {
  /** All brokers, as a client is told them. */
  readonly address: string
  readonly brokers: readonly KafkaBroker[]
  /** Ends all at once and removes their data. */
  stop(): Promise<void>
}

/**
 * Topics get three replicas (fewer when there are fewer brokers), of which all but one must be in sync: one broker may be
 * away at any time. Each broker votes for the controller too. Broker ids begin at 1.
 */
export async function startKafkaCluster({ brokers: count, ...options }: KafkaClusterOptions): Promise<KafkaCluster> {
  const root = await mkdtemp(join(tmpdir(), 'shoal-kafka-cluster-'))
  const ids = Array.from({ length: count }, (_, i) => i + 1)
  const controllers = new Map<number, number>()
  for (const id of ids) controllers.set(id, await freePort())
  const clusterId = newClusterId()
  const brokers: Broker[] = []
  for (const id of ids) {
    const place = await placeOf('kafka', join(root, String(id)), root)
    brokers.push(new Broker(id, await freePort(), place, controllers, clusterId, options))
  }
  const stop = async (): Promise<void> => {
    // Without data to keep there is no need for order, in which the last ones would wait for a quorum in vain.
    await Promise.all(brokers.map((broker) => broker.kill()))
    await rm(root, { recursive: true, force: true })
  }
  try {
    await Promise.all(brokers.map((broker) => broker.start()))
  } catch (error) {
    // The folder stays, because the logs that say why lie there.
    await Promise.all(brokers.map((broker) => broker.kill()))
    throw error
  }
  return { address: brokers.map(({ address }) => address).join(','), brokers, stop }
}

class Broker implements KafkaBroker {
  readonly id: number
  readonly port: number
  readonly address: string
  readonly #start: () => Promise<KafkaServer>
  #server: KafkaServer | null = null

  constructor(
    id: number,
    port: number,
    place: Place,
    controllers: ReadonlyMap<number, number>,
    clusterId: string,
    { listeners, ...options }: Omit<KafkaClusterOptions, 'brokers'>,
  ) {
    this.id = id
    this.port = port
    this.address = `127.0.0.1:${port}`
    const node = { id, controllers }
    const own = listeners === undefined ? {} : { listeners: listeners(id) }
    this.#start = () => startNode({ ...options, ...own, port, place, node, clusterId, heapMb })
  }

  get server(): KafkaServer | null {
    return this.#server
  }

  async start(): Promise<void> {
    this.#server ??= await this.#start()
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = null
    await server?.stop()
  }

  async kill(): Promise<void> {
    const server = this.#server
    this.#server = null
    server?.kill('SIGKILL')
    // Gone already: `stop` only calls off what would end it.
    await server?.gone()
    await server?.stop()
  }
}
