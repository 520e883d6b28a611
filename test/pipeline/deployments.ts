/** Two deployments on one embedded log: what each has written, and the input that they share. */
import type { EventLog } from '../../src/runtime/ports.ts'
import { appendPromotion, decodePrimary, isHandOver } from '../../src/runtime/primary/primary-record.ts'
import type { ServiceSettings } from '../../src/runtime/service.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { decodeAssignment, readTopic, settingsFor } from './harness.ts'

export const blue = settingsFor('blue', 'events', { limit: { maxEvents: 300, maxBytes: 1 << 20 } })
const ofBlue = blue.topics

/** Beside blue: other features would be another fingerprint, and so it has one. */
export function greenSettings(change: Partial<ServiceSettings> = {}): ServiceSettings {
  const own = settingsFor('green', 'events', { k: 3, limit: { maxEvents: 200, maxBytes: 1 << 20 } })
  const { assignments, anomalies, deadLetters, primary } = ofBlue
  return {
    ...own,
    topics: { ...own.topics, assignments, anomalies, deadLetters, primary },
    shadow: { of: 'blue', beginsAt: 'earliest' },
    fingerprint: 'deadbeefdeadbeef',
    ...change,
  }
}

/** A person says that all is to be this deployment's. */
export function promote(log: EventLog, deployment: string): Promise<void> {
  return log.publish((outputs) => {
    const promotion = { deployment, by: 'Zoë', reason: 'a test', atMs: 1_000_000 }
    appendPromotion(outputs, { topic: ofBlue.primary, schemaId: 1 }, promotion)
  })
}

/** Hand-overs in their order. */
export async function handOvers(log: EventLog) {
  const records = await readTopic(log, ofBlue.primary)
  return records.map(({ value }) => decodePrimary(value!.subarray(wireHeaderBytes))!).filter(isHandOver)
}

/** Of each assignment of a topic: which event it is of, and by whose fingerprint. */
export async function assigned(log: EventLog, topic: string) {
  const found = (await readTopic(log, topic)).map(decodeAssignment)
  return found.map(({ partition, offset, fingerprint, eventId }) => {
    return { partition, offset, eventId, fingerprint: fingerprint.toString('hex') }
  })
}
