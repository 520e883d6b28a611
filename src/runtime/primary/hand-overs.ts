/** What a transaction writes that hands partitions over: the record that makes it so, and the event that tells it. */
import { appendDriftEvents, type DriftEvent, type DriftTopic } from '../../stages/drift-event.ts'
import type { Outputs } from '../../stages/records.ts'
import { appendHandOver, type HandOver, type PrimaryTopic } from './primary-record.ts'

export interface HandOverTopics {
  readonly primary: PrimaryTopic
  readonly driftEvents: DriftTopic
}

/** `version`: that of the model which scored the last events. */
export function appendHandOvers(
  outputs: Outputs,
  { primary, driftEvents }: HandOverTopics,
  handOvers: readonly HandOver[],
  version: number,
): void {
  for (const handOver of handOvers) {
    appendHandOver(outputs, primary, handOver)
    appendDriftEvents(outputs, driftEvents, [eventOf(handOver, version)], handOver.atMs)
  }
}

function eventOf(handOver: HandOver, version: number): DriftEvent {
  const { partition, fromOffset, previous, deployment, reason, by } = handOver
  const whose = `partition ${partition} has the outputs of ${deployment} from offset ${fromOffset} on`
  return {
    id: `${previous}-${partition}-${fromOffset}-handOver`,
    kind: 'deployment.handedOver',
    scope: deployment,
    referenceVersion: version,
    currentVersion: version,
    ranges: [{ partition, from: fromOffset, to: fromOffset }],
    features: [],
    clusters: [],
    reaction: 'promote',
    message: `${whose}, whose clusters are others: ${reason} (${by})`,
    test: null,
    driftId: null,
    accepted: null,
    segments: [],
  }
}
