/** How far a command has come: a bar for a person, a line now and then for a log. */
import { Presets, SingleBar } from 'cli-progress'
import type { Clock } from '../runtime/ports.ts'
import type { CliContext } from './context.ts'
import { grouped } from './output.ts'

export interface Progress {
  /** `part` of 1; null: nobody knows how much there is. */
  update(events: number, part: number | null): void
  stop(): void
}

const barSteps = 1000
const lineEveryMs = 5_000
const quiet: Progress = { update() {}, stop() {} }

export function createProgress(context: CliContext, verb: string, silent: boolean): Progress {
  if (silent) return quiet
  const speed = speedometer(context.clock)
  return context.isTerminal ? bar(context, verb, speed) : lines(context, verb, speed)
}

function bar(context: CliContext, verb: string, speed: (events: number) => string): Progress {
  const shown = new SingleBar(
    {
      format: `${verb} {bar} {percentage} %  {events} events  {speed}`,
      stream: context.stderr,
      hideCursor: true,
      barsize: 30,
    },
    Presets.shades_classic,
  )
  shown.start(barSteps, 0, { events: '0', speed: '' })
  return {
    update(events, part) {
      shown.update(Math.floor((part ?? 0) * barSteps), { events: grouped(events), speed: speed(events) })
    },
    stop: () => shown.stop(),
  }
}

function lines(context: CliContext, verb: string, speed: (events: number) => string): Progress {
  let lastMs = context.clock.now()
  return {
    update(events, part) {
      const now = context.clock.now()
      if (now - lastMs < lineEveryMs) return
      lastMs = now
      const percent = part === null ? '' : ` (${Math.floor(part * 100)} %)`
      context.stderr.write(`${verb} ${grouped(events)} events${percent}, ${speed(events)}\n`)
    },
    stop() {},
  }
}

/** Events per second since the start, as text. */
function speedometer(clock: Clock): (events: number) => string {
  const startedMs = clock.now()
  return (events) => `${grouped((events * 1000) / Math.max(1, clock.now() - startedMs))}/s`
}
