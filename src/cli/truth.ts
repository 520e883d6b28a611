/** What is known of events: which are anomalous, and of what kind. */
import { ShoalError } from '../runtime/errors.ts'
import { type CsvRow, columnIndex, openCsv } from './csv-source.ts'

/** Events by index, in the order of the file. */
export interface Truth {
  readonly indexOf: ReadonlyMap<string, number>
  /** 1 for an anomalous event, 0 for a usual one. */
  readonly positive: Uint8Array
  /** Index into `kindNames`, or -1. */
  readonly kind: Int16Array
  readonly kindNames: readonly string[]
  /** Ids of rows without a label: invalid events, which must not be assigned. */
  readonly unlabelled: ReadonlySet<string>
}

export interface TruthOptions {
  readonly path: string
  /** Null: the column `id` when there is one, else `row-<n>`, n counting data rows from 0. */
  readonly idColumn: string | null
  readonly labelColumn: string
}

/** Reads a CSV file, gzipped or not; a column `kind` names the kinds. All ids are held in memory. */
export async function readTruth({ path, idColumn, labelColumn }: TruthOptions): Promise<Truth> {
  const file = await openCsv(path)
  const id = idColumn === null ? file.columns.indexOf('id') : columnIndex('--id', idColumn, file.columns, path)
  const label = columnIndex('--label', labelColumn, file.columns, path)
  const kind = file.columns.indexOf('kind')
  const indexOf = new Map<string, number>()
  const unlabelled = new Set<string>()
  const labels: number[] = []
  const kinds: number[] = []
  const kindNames: string[] = []
  for await (const row of file.rows()) {
    const rowId = id < 0 ? `row-${row.number}` : row.texts[id]
    if (row.texts[label] === '') {
      unlabelled.add(rowId)
      continue
    }
    if (indexOf.has(rowId)) {
      throw new ShoalError(
        'file.malformed',
        `${path} data row ${row.number} must have an id of its own: got ${rowId} again`,
      )
    }
    indexOf.set(rowId, labels.length)
    labels.push(labelOf(row, label, path))
    kinds.push(kind < 0 ? -1 : numberFor(row.texts[kind], kindNames))
  }
  return { indexOf, positive: Uint8Array.from(labels), kind: Int16Array.from(kinds), kindNames, unlabelled }
}

/** 1 for a row whose text in column `label` says that it is anomalous, 0 for one that says that it is not. */
export function labelOf({ texts, number }: CsvRow, label: number, path: string): 0 | 1 {
  const text = texts[label].toLowerCase()
  if (text === 'true' || (Number(text) > 0 && Number.isFinite(Number(text)))) return 1
  if (text === 'false' || Number(text) === 0) return 0
  throw new ShoalError('file.malformed', `${path} data row ${number}: a label must be 0 or 1: got ${texts[label]}`)
}

function numberFor(kind: string, names: string[]): number {
  if (kind === '') return -1
  const known = names.indexOf(kind)
  return known >= 0 ? known : names.push(kind) - 1
}
