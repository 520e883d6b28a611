/** Brokers of a scenario's own, which it kills, stops and moves leaderships between. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startKafkaCluster } from '../../tools/stack/kafka-cluster.ts'
import { freePort } from '../../tools/stack/server.ts'
import { type ClusterAdmin, clusterAdmin } from '../stack/cluster-admin.ts'
import type { KafkaRequest } from './kafka-request.ts'
import type { Rig, RigKafka } from './rig.ts'

/** Whose broker is struck. Each is the leader of a partition: a coordinator leads the one that its group or id lies in. */
export type Role = 'leader' | 'transaction coordinator' | 'group coordinator' | 'controller'

/** `move`: another replica leads, and nobody dies. */
export type Blow = 'SIGKILL' | 'SIGTERM' | 'move'

export interface Brokers {
  readonly kafka: RigKafka
  /**
   * Strikes the broker that has the role now, for the transaction that a request is of; gives its id. Resolves when the blow is
   * dealt, not when it has taken effect.
   */
  strike(role: Role, blow: Blow, rig: Rig, request: KafkaRequest): Promise<number>
  /** Brokers that are away come back, all replicas are in sync, and leaderships lie where they were. */
  settle(rig: Rig): Promise<void>
  /** Transactional ids with a transaction that has not ended. */
  open(): Promise<readonly string[]>
  stop(): Promise<void>
}

const settleDeadlineMs = 120_000
const lookEveryMs = 200

export async function startBrokers(count: number): Promise<Brokers> {
  const ports: number[] = []
  while (ports.length < count) ports.push(await freePort())
  const cluster = await startKafkaCluster({
    brokers: count,
    properties: {
      // As in kafka.setup.ts: a user's broker looks for what has timed out every 10 s.
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': '250',
      // The only broker would leave its partitions without a leader first, and Kafka 4.4.0 takes a partition without one
      // for deleted: it calls a transaction complete whose markers it has not written, and never ends it.
      ...(count === 1 ? { 'controlled.shutdown.enable': 'false' } : {}),
    },
    listeners: (id) => [{ name: 'WIRE', protocol: 'PLAINTEXT', advertisedPort: ports[id - 1] }],
  })
  const listening = cluster.brokers.map(({ server }) => server!.ports.get('WIRE')!)
  const admin: ClusterAdmin = await clusterAdmin(cluster.address)
  const leaving = new Set<Promise<void>>()

  const topicsOf = ({ configuration }: Rig): readonly string[] => {
    const { assignments, anomalies, deadLetters, modelUpdates, models } = configuration.topics
    const ours = [configuration.input.topic, assignments, anomalies, deadLetters, modelUpdates, models]
    return [...ours, '__transaction_state', '__consumer_offsets']
  }

  async function open(): Promise<readonly string[]> {
    return (await admin.ask('transactions')).split(' ').filter((id) => id !== '')
  }

  /** Where the role lies: the partition whose leader has it. */
  async function home(
    role: Exclude<Role, 'controller'>,
    { configuration }: Rig,
    { api, owner }: KafkaRequest,
  ): Promise<readonly [string, number]> {
    if (role === 'leader') return [configuration.topics.assignments, 0]
    if (role === 'group coordinator') {
      return ['__consumer_offsets', Number(await admin.ask('home', '__consumer_offsets', configuration.name))]
    }
    if (owner === null)
      throw new Error(`a request must be of a transaction for its coordinator to be struck: got ${api}`)
    return ['__transaction_state', Number(await admin.ask('home', '__transaction_state', owner))]
  }

  async function holder(role: Role, rig: Rig, request: KafkaRequest): Promise<number> {
    if (role === 'controller') return Number(await admin.ask('controller'))
    return Number(await admin.ask('leader', ...(await home(role, rig, request))))
  }

  return {
    kafka: {
      name: cluster.brokers[0].server!.name,
      address: cluster.address,
      ends: ports.map((port, i) => ({ port, broker: () => listening[i] })),
      forgotten: (rig) => admin.ask('forgotten', ...topicsOf(rig).filter((topic) => topic !== '__transaction_state')),
    },
    open,
    async strike(role, blow, rig, request) {
      if (blow === 'move') {
        if (role === 'controller') throw new Error('the role of the controller cannot be moved')
        return Number(await admin.ask('move', ...(await home(role, rig, request))))
      }
      const id = await holder(role, rig, request)
      const broker = cluster.brokers[id - 1]
      if (blow === 'SIGKILL') await broker.kill()
      else leaving.add(broker.stop())
      return id
    },
    async settle(rig) {
      await Promise.all(leaving)
      leaving.clear()
      await Promise.all(cluster.brokers.map((broker) => broker.start()))
      // With one broker the admin's own connection went with it, and may be waiting out a long pause.
      const late = performance.now() + settleDeadlineMs
      for (;;) {
        const left = await admin.ask('settle', ...topicsOf(rig)).catch((error: Error) => error.message)
        if (left === '0') return
        if (performance.now() > late) throw new Error(`replicas must come into sync and lead where they did: ${left}`)
        await sleep(lookEveryMs)
      }
    },
    async stop() {
      await Promise.all(leaving)
      await admin.close()
      await cluster.stop()
    },
  }
}
