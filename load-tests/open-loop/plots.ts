/** What every long run draws of Shoal: how long events took, and the memory of its processes. */
import type { Drawn } from '../over-time.ts'
import type { Sample } from './bench.ts'

export const latencyDrawn: Omit<Drawn<Sample>, 'caption'> = {
  title: 'From due to assigned',
  label: 'ms',
  isLog: true,
  lines: [
    { name: 'p50', of: ({ p50Ms }) => p50Ms },
    { name: 'p99', of: ({ p99Ms }) => p99Ms },
  ],
}

export const memoryDrawn: Omit<Drawn<Sample>, 'caption'> = {
  title: 'Memory of Shoal',
  label: 'MB',
  lines: [
    { name: 'resident', of: ({ residentMb }) => residentMb },
    { name: 'heap', of: ({ heapMb }) => heapMb },
    { name: 'outside of it', of: ({ externalMb }) => externalMb },
  ],
}
