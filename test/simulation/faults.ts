/** How each kind of fault is done to a world. */
import type { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import type { ServiceSettings } from '../../src/runtime/service.ts'
import type { MemorySnapshots } from './memory-snapshots.ts'
import type { Oracle } from './oracle/oracle.ts'
import type { Fault } from './plan.ts'
import type { SimulatedProcess } from './process.ts'
import type { Schedule } from './schedule.ts'
import type { Troubles } from './troubles.ts'

/** What faults can be done to. */
export interface Faulty {
  readonly schedule: Schedule
  readonly troubles: Troubles
  readonly cluster: MemoryCluster
  readonly settings: ServiceSettings
  readonly oracle: Oracle
  readonly memoryStore: MemorySnapshots | null
  readonly processes: readonly SimulatedProcess[]
  start(slot: number): void
  restoreStore(): void
  retainInput(): void
  retainUpdates(): void
}

type Of<K extends Fault['kind']> = Extract<Fault, { kind: K }>

const deeds: { readonly [K in Fault['kind']]: (world: Faulty, fault: Of<K>) => void } = {
  kill(world, { slot, backAfterMs }) {
    kill(world, slot, backAfterMs)
  },

  stop(world, { slot, backAfterMs }) {
    world.processes[slot]?.stop()
    comeBack(world, slot, backAfterMs)
  },

  stall(world, { slot, forMs }) {
    stall(world, slot, forMs)
  },

  ambush(world, { slot, request, side, how, forMs }) {
    const { schedule, troubles } = world
    const spring = () => {
      schedule.trace.say(schedule.nowMs, `AMBUSH: ${how} p${slot}, which was ${side} ${request}`)
      if (how === 'kill') kill(world, slot, forMs)
      else stall(world, slot, forMs)
    }
    troubles.ambushes.add({ slot, request, side, spring })
  },

  wire({ schedule, troubles }, fault) {
    troubles.wires.add(fault)
    schedule.later(null, fault.forMs, 'the wires are mended', () => troubles.wires.delete(fault))
  },

  store({ schedule, troubles }, { how, forMs }) {
    troubles.store = how
    schedule.later(null, forMs, 'the store answers again', () => {
      troubles.store = 'answers'
    })
  },

  registry({ schedule, troubles }, { how, forMs }) {
    troubles.registry = how
    schedule.later(null, forMs, 'the registry answers again', () => {
      troubles.registry = 'answers'
    })
  },

  'store changed'(world, fault) {
    const { how, restarts } = fault
    const { memoryStore, settings } = world
    if (how === 'emptied') memoryStore?.restore(new Map())
    if (how === 'set back') world.restoreStore()
    if (how === 'damaged') memoryStore?.damageLatest(settings.name)
    if (how === 'foreign') plantForeign(world, fault)
    if (restarts !== null) kill(world, restarts, 1)
  },

  retention(world, { topic }) {
    if (topic === 'input') world.retainInput()
    if (topic === 'updates') world.retainUpdates()
    if (topic === 'outputs') world.oracle.retain()
  },

  growth({ cluster, settings }) {
    const { input } = settings.topics
    cluster.grow(input, cluster.existing(input).partitions.length + 1)
  },

  clock(world, { slot, byMs }) {
    const process = world.processes[slot]
    if (process !== undefined) process.ports.offMs += byMs
  },
}

export function applyFault<K extends Fault['kind']>(world: Faulty, fault: Of<K>): void {
  const deed: (world: Faulty, fault: Of<K>) => void = deeds[fault.kind as K]
  deed(world, fault)
}

function kill(world: Faulty, slot: number, backAfterMs: number): void {
  world.processes[slot]?.kill()
  comeBack(world, slot, backAfterMs)
}

function comeBack(world: Faulty, slot: number, afterMs: number): void {
  world.schedule.later(null, afterMs, `p${slot} is started again`, () => world.start(slot))
}

function stall(world: Faulty, slot: number, forMs: number): void {
  const process = world.processes[slot]
  process?.stall()
  world.schedule.later(null, forMs, `${process?.name} goes on`, () => process?.wake())
}

/** Of another log: what it says of this one is wrong. */
function plantForeign(world: Faulty, { laterMs, laterVersions }: Of<'store changed'>): void {
  const { memoryStore, settings, cluster, oracle } = world
  const there = memoryStore?.newest(settings.name)?.snapshot
  if (there === undefined || oracle.versions.newest === null) return
  const offset = cluster.partition({ topic: settings.topics.models, partition: 0 }).stableEnd - 1
  const version = Math.max(1, there.version + laterVersions)
  const bornAtMs = there.bornAtMs + laterMs
  memoryStore?.plant({ ...there, bornAtMs, version, offset, bytes: oracle.versions.forged(bornAtMs, version) })
}
