/** How the trainer commits: a version and the place in the log that it belongs to, together or not at all. */
import { isFenced } from './errors.ts'
import type { Share, Telemetry, Transaction } from './ports.ts'
import { inSpan } from './span.ts'
import type { TrainWorkerOptions } from './train-worker.ts'

/** The group of those who would train this model; its one partition makes one of them do. */
export const trainGroup = (name: string) => `${name}.train`

/** One transaction: what `write` appends, and the position that belongs to it. */
export function committed(
  options: Pick<TrainWorkerOptions, 'name' | 'health' | 'sample'>,
  telemetry: Telemetry,
  share: Share,
  position: number,
  write: (transaction: Transaction) => void,
): Promise<void> {
  const facts = { 'shoal.stage': 'train' }
  return inSpan(telemetry, `transaction ${trainGroup(options.name)}`, { facts }, async (span) => {
    const bytes = await attempt(options, telemetry, share, position, write)
    span.add({ 'shoal.transaction.bytes': bytes })
  })
}

/** The bytes that it held. */
async function attempt(
  { health, sample }: Pick<TrainWorkerOptions, 'health' | 'sample'>,
  telemetry: Telemetry,
  share: Share,
  position: number,
  write: (transaction: Transaction) => void,
): Promise<number> {
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
  return bytes
}
