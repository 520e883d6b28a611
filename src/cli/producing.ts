/** What `shoal produce` does with a source of events, whichever it is. */
import type { PlantedShifts } from '../generator/shifts.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { EventLog } from '../runtime/ports.ts'
import type { CliContext } from './context.ts'
import type { EventSource, SourceEvent } from './event-source.ts'
import { grouped, writeLine } from './output.ts'
import { createProgress } from './progress.ts'
import { publishAll } from './publishing.ts'

export interface Target {
  readonly log: EventLog
  readonly topic: string
  readonly partitions: number
}

/** The topic as it is, or as it is created with the wanted number of partitions. */
export async function openTarget(log: EventLog, topic: string, wanted: number | undefined): Promise<Target> {
  const found = await log.describe(topic)
  if (found !== null) {
    if (wanted === undefined || wanted === found.partitions) return { log, topic, partitions: found.partitions }
    throw new ShoalError('topics.unfit', `topic ${topic} must have ${wanted} partitions: it has ${found.partitions}`)
  }
  if (wanted === undefined) {
    throw new ShoalError('topics.missing', `topic ${topic} must exist, or --partitions say how to create it`)
  }
  await log.prepare([{ topic, partitions: wanted, cleanup: 'delete', owner: 'shoal' }], true)
  return { log, topic, partitions: wanted }
}

/** What was planted in generated events. */
export interface Planted {
  frauds: number
  invalid: number
  readonly shifts: PlantedShifts
}

export interface Producing<E extends SourceEvent> {
  readonly target: Target
  /** Events per second; null: no limit. */
  readonly rate: number | null
  /** Events at most. */
  readonly most: number
  readonly json: boolean
  /** Null: the events are not generated. It is filled by `onAcknowledged`. */
  readonly planted: Planted | null
  readonly onAcknowledged: (events: readonly E[], partitions: readonly number[]) => Promise<void>
}

/** Publishes with a progress bar, and prints a summary. */
export async function produceFrom<E extends SourceEvent>(
  context: CliContext,
  source: EventSource<E>,
  { target, rate, most, json, planted, onAcknowledged }: Producing<E>,
): Promise<void> {
  const { clock, signal } = context
  const progress = createProgress(context, 'produced', json)
  const startedMs = clock.now()
  let acknowledged = 0
  const events = await publishAll(source.pieces(), {
    ...target,
    clock,
    signal,
    rate,
    most,
    onAcknowledged: async (request, partitions) => {
      acknowledged += request.length
      const { done, total } = source.progress()
      progress.update(acknowledged, Math.max(done / total, acknowledged / most))
      await onAcknowledged(request, partitions)
    },
  }).finally(() => progress.stop())
  const seconds = Math.max(0.001, (clock.now() - startedMs) / 1000)
  const facts = { topic: target.topic, partitions: target.partitions, events, seconds, ...planted }
  await writeLine(context.stdout, json ? JSON.stringify(facts) : summary(facts, planted))
}

function summary(
  { topic, partitions, events, seconds }: { topic: string; partitions: number; events: number; seconds: number },
  planted: Planted | null,
): string {
  const speed = `${grouped(events / seconds)}/s`
  const lines = [
    `${grouped(events)} events in ${seconds.toFixed(1)} s (${speed}) to ${topic}, ${partitions} partitions`,
  ]
  if (planted === null) return lines.join('')
  const { frauds, invalid, shifts } = planted
  lines.push(`planted: ${grouped(frauds)} frauds, ${grouped(invalid)} invalid records`)
  const { gradual, sudden } = shifts
  if (gradual !== undefined) lines.push(`a gradual shift: events ${grouped(gradual.from)} to ${grouped(gradual.to)}`)
  if (sudden !== undefined) lines.push(`a sudden shift: at event ${grouped(sudden.at)}`)
  return lines.join('\n')
}
