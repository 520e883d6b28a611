/** The generator's ground truth, beside the stream: one CSV line per record, in the order of the stream. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { flaws } from '../generator/flaws.ts'
import type { GeneratedEvent } from '../generator/stream.ts'
import { ShoalError } from '../runtime/errors.ts'

/**
 * `label` is 1 for a fraud and 0 for none; of an invalid record it is empty, `kind` is the flaw and `reason` what its
 * dead letter must say.
 */
const truthColumns = 'position,id,label,kind,reason,partition'

function truthLine({ position, transaction, fraud, flaw }: GeneratedEvent, partition: number): string {
  if (flaw !== null) return `${position},${transaction.id},,${flaw},${flaws[flaw].reason},${partition}\n`
  return `${position},${transaction.id},${fraud === null ? 0 : 1},${fraud ?? ''},,${partition}\n`
}

export interface TruthFile {
  add(event: GeneratedEvent, partition: number): void
  /** Waits while the disk is behind. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Writes anew what was there. Throws `file.unreadable` when the file cannot be written. */
export async function createTruthFile(path: string): Promise<TruthFile> {
  const stream = createWriteStream(path)
  const failed = (cause: unknown) => new ShoalError('file.unreadable', `--truth must be writable: ${path}`, { cause })
  let failure: unknown = null
  let wake = () => {}
  stream.on('error', (error) => {
    failure = error
  })
  // A stream that fails never drains, but it closes.
  stream.on('drain', () => wake()).on('close', () => wake())
  await once(stream, 'open').catch((cause: unknown) => {
    throw failed(cause)
  })
  let pending = `${truthColumns}\n`
  const flush = async () => {
    if (failure !== null) throw failed(failure)
    const text = pending
    pending = ''
    if (stream.write(text)) return
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  return {
    add(event, partition) {
      pending += truthLine(event, partition)
    },
    flush,
    async close() {
      await flush()
      await new Promise<void>((resolve) => stream.end(() => resolve()))
      if (failure !== null) throw failed(failure)
    },
  }
}
