/** Commands among the model updates, and what became of them, told in `drift-events`. */
import { encodeCommand } from '../core/codec/command-codec.ts'
import type { Command } from '../core/command/command.ts'
import type { Deed } from '../core/command/control.ts'
import type { Model } from '../core/model/model.ts'
import { appendDriftEvents, type DriftEvent, type DriftTopic } from './drift-event.ts'
import { driftIdOf } from './drift-records.ts'
import type { Outputs } from './records.ts'
import { framed } from './wire-format.ts'

/** Where commands are written. */
export interface CommandTopic {
  readonly topic: string
  readonly schemaId: number
}

export function appendCommand(
  outputs: Outputs,
  { topic, schemaId }: CommandTopic,
  command: Command,
  timestampMs: number,
): void {
  const value = framed(schemaId, encodeCommand(command))
  outputs.append({ topic, partition: 0, key: null, value, timestamp: timestampMs })
}

/** Appends one record for each command that the fold has come to. The same one has the same id whenever it is folded again. */
export function appendDeeds(
  outputs: Outputs,
  topic: DriftTopic,
  model: Model,
  deeds: readonly Deed[],
  timestampMs: number,
): void {
  const events = deeds.map((deed) => eventOf(model, deed))
  appendDriftEvents(outputs, topic, events, timestampMs)
}

function eventOf(model: Model, deed: Deed): DriftEvent {
  const { version, kind, refused, driftNumber, targetVersion, reason, by } = deed
  return {
    id: `${model.bornAtMs}-${version}-command`,
    kind: refused === '' ? `command.${kind}` : 'command.refused',
    scope: 'model',
    referenceVersion: kind === 'rollback' && refused === '' ? targetVersion : version - 1,
    currentVersion: version,
    ranges: [],
    features: [],
    clusters: [],
    reaction: kind,
    message: refused === '' ? `${done(deed)}: ${reason} (${by})` : `${kind} by ${by} is refused: ${refused}`,
    test: null,
    driftId: driftNumber === 0 ? null : driftIdOf(model, driftNumber),
    accepted: null,
    segments: [],
  }
}

function done({ kind, asks, targetVersion, factor, events, budget }: Deed): string {
  switch (kind) {
    case 'freeze':
      return 'nothing is learned from here on'
    case 'resume':
      return 'learning goes on'
    case 'learnFaster':
      return `the half-life is divided by ${factor} for ${events} events`
    case 'refit':
      return 'the clusters have been looked after at once'
    case 'rollback':
      return `what had been learned up to version ${targetVersion} holds again`
    case 'ask':
      return `${asks}${targetVersion > 0 ? ` to version ${targetVersion}` : ''} waits to be approved or rejected`
    case 'reject':
      return 'what had been asked is not done'
    case 'reference':
      return `drift is looked for beside a reference that version ${targetVersion} has measured`
    case 'pin':
      return `version ${targetVersion} is kept`
    case 'unpin':
      return `version ${targetVersion} is kept no longer than others`
    case 'budget':
      return `${Number((100 * budget).toPrecision(6))} % of the events may be called anomalous`
    case 'reseed':
      return 'the clusters are born anew from the sample'
  }
}
