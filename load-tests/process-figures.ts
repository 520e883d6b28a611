/** What the system says of a process: nothing where that cannot be read, because it has ended or this is no Linux. */
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** CPU seconds of a process and its children. */
export function treeCpu(pid: number): number {
  const children = readText(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number)
  return cpuOf(pid) + children.reduce((sum, child) => sum + treeCpu(child), 0)
}

/** CPU seconds of one process. */
export function cpuOf(pid: number | null): number {
  const fields = pid === null ? [] : (readText(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [])
  return fields.length > 12 ? (Number(fields[11]) + Number(fields[12])) / ticksPerSecond : 0
}

/** CPU seconds of all processors together, with what the machine beneath them took for others. */
export function machineCpu(): number {
  const [, ...fields] = readText('/proc/stat').split('\n')[0].split(/\s+/)
  const [user, nice, system, , , interrupts, softInterrupts, stolen] = fields.map(Number)
  return (user + nice + system + interrupts + softInterrupts + stolen) / ticksPerSecond
}

/** Resident memory. */
export function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readText(`/proc/${pid}/status`)) ?? []
  return kibibytes === undefined ? Number.NaN : 1024 * Number(kibibytes)
}

/** Open files and sockets. */
export function descriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return Number.NaN
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
