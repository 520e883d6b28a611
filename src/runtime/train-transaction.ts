/** How the trainer commits: a version and the place in the log that it belongs to, together or not at all. */
import { isFenced } from './errors.ts'
import type { Share, Telemetry, Transaction } from './ports.ts'
import type { TrainWorkerOptions } from './train-worker.ts'

/** One transaction: what `write` appends, and the position that belongs to it. */
export async function committed(
  { health, sample }: Pick<TrainWorkerOptions, 'health' | 'sample'>,
  telemetry: Telemetry,
  share: Share,
  position: number,
  write: (transaction: Transaction) => void,
): Promise<void> {
  const startedMs = sample.clock.now()
  const transaction = share.begin()
  let bytes = 0
  try {
    write(transaction)
    bytes = transaction.bytes
    await transaction.commit(new Map([[0, position]]))
  } catch (error) {
    const outcome = isFenced(error) ? 'fenced' : 'abandoned'
    telemetry.count('shoal_transactions_total', 1, { stage: 'train', outcome })
    await transaction.abandon()
    throw error
  }
  telemetry.count('shoal_transactions_total', 1, { stage: 'train', outcome: 'committed' })
  telemetry.observe('shoal_transaction_seconds', (sample.clock.now() - startedMs) / 1000, { stage: 'train' })
  telemetry.observe('shoal_transaction_bytes', bytes, { stage: 'train' })
  health.recovered('train')
  health.recovered('model', 'train')
}
