/** Which labelled stream is for what: the protocol of the evaluation. Nothing here is known to the product. */

export interface LabelledStream {
  readonly name: string
  /** Columns left out, as --ignore takes them. */
  readonly ignore: readonly string[]
  /** Clusters that the truth has; null: k stays the default. */
  readonly trueClusters: number | null
  /** It lies sorted by its label, so that its own order says nothing. */
  readonly isSorted: boolean
  readonly isFor: 'anomalies' | 'drift' | 'clusters'
}

const stream = (
  name: string,
  isFor: LabelledStream['isFor'],
  { trueClusters = null, isSorted = false }: { trueClusters?: number | null; isSorted?: boolean } = {},
): LabelledStream => ({ name, isFor, ignore: ['meta_*'], trueClusters, isSorted })

export const streams: readonly LabelledStream[] = [
  stream('fraudsim_jul', 'anomalies'),
  stream('evalml_fraud', 'anomalies'),
  stream('kdd99_sa', 'anomalies'),
  stream('http', 'anomalies'),
  stream('shuttle', 'anomalies'),
  stream('mammography', 'anomalies', { isSorted: true }),
  stream('elec2', 'drift'),
  stream('souza_2cdt', 'drift'),
  stream('moving_squares', 'drift'),
  stream('chess_transient', 'drift'),
  stream('s1', 'clusters', { trueClusters: 15, isSorted: true }),
  stream('s3', 'clusters', { trueClusters: 15, isSorted: true }),
  stream('a1', 'clusters', { trueClusters: 20, isSorted: true }),
  stream('unbalance', 'clusters', { trueClusters: 8, isSorted: true }),
  stream('birch1', 'clusters', { trueClusters: 100, isSorted: true }),
]

/** Labels of these are anomalies; of the others they are classes, which a score is not for. */
export const anomalyStreams = streams.filter(({ isFor }) => isFor === 'anomalies')
export const driftStreams = streams.filter(({ isFor }) => isFor === 'drift')
export const clusterStreams = streams.filter(({ isFor }) => isFor === 'clusters')
