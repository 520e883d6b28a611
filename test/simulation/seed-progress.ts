/** How far the seeds are: a bar for a person, a line now and then for a log. */
import { Presets, SingleBar } from 'cli-progress'

export interface SeedProgress {
  /** `part` of 1. */
  update(seeds: number, part: number, elapsedMs: number): void
  stop(): void
}

const barSteps = 1000
const lineEveryMs = 5_000

export function seedProgress(isSilent: boolean): SeedProgress {
  if (isSilent) return { update() {}, stop() {} }
  return process.stderr.isTTY ? bar() : lines()
}

function bar(): SeedProgress {
  const format = 'seeds {bar} {percentage} %  {seeds} seeds  {speed} a second'
  const shown = new SingleBar({ format, stream: process.stderr, hideCursor: true, barsize: 30 }, Presets.shades_classic)
  shown.start(barSteps, 0, { seeds: 0, speed: '' })
  return {
    update(seeds, part, elapsedMs) {
      shown.update(Math.min(barSteps, Math.floor(part * barSteps)), { seeds, speed: speedOf(seeds, elapsedMs) })
    },
    stop: () => shown.stop(),
  }
}

function lines(): SeedProgress {
  let saidMs = 0
  return {
    update(seeds, part, elapsedMs) {
      if (elapsedMs - saidMs < lineEveryMs) return
      saidMs = elapsedMs
      process.stderr.write(`${seeds} seeds (${Math.floor(100 * part)} %), ${speedOf(seeds, elapsedMs)} a second\n`)
    },
    stop() {},
  }
}

function speedOf(seeds: number, elapsedMs: number): string {
  return ((seeds * 1000) / Math.max(1, elapsedMs)).toFixed(1)
}
