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

export function applyFault(world: Faulty, fault: Fault): void {
  const { schedule, troubles } = world
  const after = (ms: number, what: string, act: () => void) => void schedule.later(null, ms, what, act)
  switch (fault.kind) {
    case 'kill':
      world.processes[fault.slot]?.kill()
      return after(fault.backAfterMs, `p${fault.slot} is started again`, () => world.start(fault.slot))
    case 'stop': {
      world.processes[fault.slot]?.stop()
      return after(fault.backAfterMs, `p${fault.slot} is started again`, () => world.start(fault.slot))
    }
    case 'stall': {
      const process = world.processes[fault.slot]
      process?.stall()
      return after(fault.forMs, `${process?.name} goes on`, () => process?.wake())
    }
    case 'wire':
      troubles.wires.add(fault)
      return after(fault.forMs, 'the wires are mended', () => troubles.wires.delete(fault))
    case 'store':
    case 'registry':
      troubles[fault.kind] = fault.how
      return after(fault.forMs, `the ${fault.kind} answers again`, () => {
        troubles[fault.kind] = 'answers'
      })
    case 'store changed':
      return changeStore(world, fault.how)
    case 'retention':
      if (fault.topic === 'input') world.retainInput()
      else if (fault.topic === 'updates') world.retainUpdates()
      else world.oracle.retain()
      return
    case 'clock': {
      const process = world.processes[fault.slot]
      if (process !== undefined) process.ports.offMs += fault.byMs
    }
  }
}

function changeStore(world: Faulty, how: Extract<Fault, { kind: 'store changed' }>['how']): void {
  const { memoryStore, settings, oracle } = world
  switch (how) {
    case 'emptied':
      return memoryStore?.restore(new Map())
    case 'set back':
      return world.restoreStore()
    case 'damaged':
      return memoryStore?.damageLatest(settings.name)
    case 'foreign': {
      const there = memoryStore?.newest(settings.name)
      if (!there) return
      // Of an earlier birth: whoever has the true one replaces it. Of another log: what it says of this one is wrong.
      const bornAtMs = there.snapshot.bornAtMs - 1000
      const end = world.cluster.partition({ topic: settings.topics.models, partition: 0 }).stableEnd
      memoryStore?.plant({ ...there.snapshot, bornAtMs, offset: end - 1, bytes: oracle.versions.forged() })
    }
  }
}
