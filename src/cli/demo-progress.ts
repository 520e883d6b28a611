/** How far the demo's events have come, kept beside its snapshots. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const firstEventMs = Date.UTC(2026, 0, 5)

/** Where the last start ended, in the time of the events: the next one goes on from there. */
export function readEventTime(folder: string): number {
  try {
    const { eventMs } = JSON.parse(readFileSync(progressFile(folder), 'utf8')) as { readonly eventMs: unknown }
    return Number.isSafeInteger(eventMs) ? (eventMs as number) : firstEventMs
  } catch {
    return firstEventMs // No start before this one, or nothing that can be read of it: the demo begins anew.
  }
}

/** A disk that takes nothing is no reason to end without a summary: then the next start goes on from the one before. */
export function writeEventTime(folder: string, eventMs: number): void {
  const written = `${progressFile(folder)}.tmp`
  try {
    writeFileSync(written, `${JSON.stringify({ eventMs })}\n`)
    renameSync(written, progressFile(folder))
  } catch {
    rmSync(written, { force: true })
  }
}

function progressFile(folder: string): string {
  return join(folder, 'progress.json')
}
