/** The generator as a source of events. */
import { createAvroEncoder, mistakenSchemas, type WireIds } from '../generator/avro.ts'
import { type EventFormat, flawsOf } from '../generator/flaws.ts'
import { createJsonEncoder } from '../generator/json.ts'
import type { PlantedShifts } from '../generator/shifts.ts'
import { createTransactionStream, type GeneratedEvent } from '../generator/stream.ts'
import type { SchemaRegistry } from '../runtime/ports.ts'
import type { EventSource, SourceEvent } from './event-source.ts'

export interface GeneratorOptions {
  readonly seed: number
  readonly count: number
  readonly frauds: number
  readonly invalid: number
  readonly shifts: PlantedShifts
  /** Ids for Avro; null: JSON. */
  readonly wireIds: WireIds | null
}

/** What was generated, for the truth file: the source's events carry it. */
export interface GeneratedSourceEvent extends SourceEvent {
  readonly generated: GeneratedEvent
}

const eventsPerPiece = 1000

export function generatorSource(options: GeneratorOptions): EventSource<GeneratedSourceEvent> {
  const { count, wireIds, ...streamOptions } = options
  const format: EventFormat = wireIds === null ? 'json' : 'avro'
  const stream = createTransactionStream({ ...streamOptions, flaws: flawsOf(format) })
  const encode = wireIds === null ? createJsonEncoder() : createAvroEncoder(wireIds)
  const keys = new Map<string, Buffer>()
  const keyOf = (customer: string) => {
    const known = keys.get(customer)
    if (known !== undefined) return known
    const key = Buffer.from(customer)
    keys.set(customer, key)
    return key
  }
  let done = 0
  return {
    async *pieces() {
      while (done < count) {
        const piece = Array.from({ length: Math.min(eventsPerPiece, count - done) }, (): GeneratedSourceEvent => {
          const generated = stream.next()
          const value = encode(generated)
          return {
            generated,
            key: keyOf(generated.transaction.customer),
            // The encoder writes the next value over this one.
            value: value === null ? null : Buffer.from(value),
            timestampMs: null,
          }
        })
        done += piece.length
        yield piece
      }
    },
    progress: () => ({ done, total: count }),
  }
}

/**
 * Registers what the generator writes for this topic. The schemas of mistaken producers get subjects of their own,
 * because BACKWARD would rightly refuse them under the topic's.
 */
export async function registerGeneratorSchemas(
  registry: SchemaRegistry,
  topic: string,
  transactionSchema: string,
  invalid: boolean,
): Promise<WireIds> {
  const transaction = await registry.register(`${topic}-value`, transactionSchema)
  if (!invalid) return { transaction, missingField: transaction, wrongType: transaction }
  return {
    transaction,
    missingField: await registry.register(`${topic}-mistaken-missing-field`, mistakenSchemas.missingField),
    wrongType: await registry.register(`${topic}-mistaken-wrong-type`, mistakenSchemas.wrongType),
  }
}
