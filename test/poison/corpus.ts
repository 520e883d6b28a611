/** The one corpus: every record that no producer should send, and what must become of each. */
import { avroDamage } from './avro-damage.ts'
import { branch, float, goodAvro, text, written } from './avro-events.ts'
import { avroValues } from './avro-values.ts'
import type { WriterIds } from './avro-writers.ts'
import { envelopesOf } from './envelopes.ts'
import { goodJson, jsonText } from './json-events.ts'
import { jsonFields } from './json-fields.ts'
import { jsonNumbers } from './json-numbers.ts'
import { jsonTexts } from './json-texts.ts'
import { type PoisonRecord, poison } from './poison-record.ts'

export interface Corpus {
  readonly poison: readonly PoisonRecord[]
  /** Usual events. */
  good(n: number, seed: number): readonly PoisonRecord[]
  /** Events each of which has a country that none had before it. */
  unseen(n: number): readonly PoisonRecord[]
}

export function avroCorpus(ids: WriterIds): Corpus {
  const good = written(ids, 'payment')
  return {
    poison: [...avroValues(ids), ...avroDamage(ids), ...envelopesOf(good, good.subarray(0, -1))],
    good: (n, seed) => goodAvro(ids, n, seed),
    unseen: (n) =>
      Array.from({ length: n }, (_, i) => {
        const parts = { country: text(`country ${i}`), balance: branch(1, float(i)) }
        return poison(`country ${i}`, 'assigned', written(ids, 'payment', parts))
      }),
  }
}

export function jsonCorpus(): Corpus {
  const good = jsonText()
  return {
    poison: [
      ...jsonNumbers,
      ...jsonFields,
      ...jsonTexts,
      ...envelopesOf(Buffer.from(good), Buffer.from(good.slice(1))),
    ],
    good: goodJson,
    unseen: (n) =>
      Array.from({ length: n }, (_, i) => poison(`country ${i}`, 'assigned', jsonText({ country: `"country ${i}"` }))),
  }
}

/** Poison among the others: one record of it after every one of those, as long as there is any, and the rest behind. */
export function mixed(good: readonly PoisonRecord[], bad: readonly PoisonRecord[]): readonly PoisonRecord[] {
  const paired = good.flatMap((event, i) => (i < bad.length ? [event, bad[i]] : [event]))
  return [...paired, ...bad.slice(good.length)]
}
