/** How a deployment stands to each partition: whose it is, and how far the deployment is behind what is written of it. */
import type { EventLog } from '../ports.ts'
import type { Primaries } from './primaries.ts'

export interface Standing {
  readonly partition: number
  readonly primary: string
  /** The first event whose outputs the primary writes. */
  readonly fromOffset: number
  /** Where this deployment is. */
  readonly position: number
  /** Events, and markers between them, up to where the outputs are written. */
  readonly behind: number
}

export interface StandingOptions {
  readonly log: EventLog
  readonly name: string
  readonly input: string
  readonly primaries: Primaries
}

/** By partition. The primaries must be up to date. */
export async function standings({ log, name, input, primaries }: StandingOptions): Promise<readonly Standing[]> {
  const partitions = Array.from({ length: (await log.describe(input))?.partitions ?? 0 }, (_, partition) => partition)
  // This deployment's first: what it is behind is then not less than nothing.
  const own = await log.lastCommitted(name, input)
  const others = new Set(partitions.map((partition) => primaries.of(partition).deployment))
  const committed = new Map<string, ReadonlyMap<number, number>>()
  for (const other of others) committed.set(other, other === name ? own : await log.lastCommitted(other, input))
  const found: Standing[] = []
  for (const partition of partitions) {
    const { deployment, fromOffset } = primaries.of(partition)
    const start = async () => (await log.bounds({ topic: input, partition })).start
    const position = own.get(partition) ?? (await start())
    const frontier = Math.max(fromOffset, committed.get(deployment)?.get(partition) ?? 0)
    found.push({ partition, primary: deployment, fromOffset, position, behind: Math.max(0, frontier - position) })
  }
  return found
}

export function behindInAll(found: readonly Standing[]): number {
  return found.reduce((sum, { behind }) => sum + behind, 0)
}
