/** Labelled events in the order in which they are replayed, from a CSV file. */
import { Random } from '../../core/kmeans/random.ts'
import { ShoalError } from '../../runtime/errors.ts'
import { type CsvFile, type CsvRow, columnIndex, eventWriter, jsonNumber, openCsv } from '../csv-source.ts'
import type { SourceEvent } from '../event-source.ts'
import { globMatcher } from '../glob.ts'
import { firstOf } from '../output.ts'
import { labelOf } from '../truth.ts'

/** 1: anomalous, 0: normal, -1: nobody knows. */
export type Label = 1 | 0 | -1

export interface LabelledEvent extends SourceEvent {
  readonly label: Label
}

/** What is replayed. */
export interface LabelledEvents {
  /** Events in order, some at a time. */
  pieces(): AsyncIterable<readonly LabelledEvent[]>
  /** Share of the input that has been read, 0 to 1. */
  part(): number
}

export interface TableOptions {
  readonly path: string
  /** Null: no labels. */
  readonly labelColumn: string | null
  readonly ignore: readonly string[]
  readonly keyColumn: string | null
  readonly timeColumn: string | null
  /** Seed of the order; null: the file's own. */
  readonly shuffle: number | null
  /** Rows at most, once they are in order; null: all. */
  readonly rows: number | null
}

/** A column that is no feature, because it does not hold numbers. */
export interface LeftOut {
  readonly column: string
  readonly why: string
}

/** `city ("Rome" in data row 0), note (is empty)`. */
export function leftOutText(columns: readonly LeftOut[]): string {
  return firstOf(
    columns.map(({ column, why }) => `${column === '' ? '""' : column} (${why})`),
    mostLeftOut,
  )
}

/** What a person is told of them: a line, or none where nothing was left out. */
export function leftOutLines(columns: readonly LeftOut[]): readonly string[] {
  return columns.length === 0 ? [] : [`left out, for they are not numbers: ${leftOutText(columns)}`]
}

export interface Table {
  /** Columns that may be features: neither the label nor ignored. */
  readonly columns: readonly string[]
  /** Those of them that hold nothing but numbers, as far as the first rows tell. */
  readonly numeric: readonly string[]
  /** The rest, and what keeps each from being a feature. */
  readonly others: readonly LeftOut[]
  /** The rows as events, whose ids are in the field `idField`: of the column of that name, else row-<n>. */
  events(idField: string): LabelledEvents
}

const rowsPerPiece = 500
/** Rows that say which columns are numbers. */
const rowsOfSample = 1000
/** Columns that are named. */
const mostLeftOut = 8
/** Characters of a text that is no number. */
const mostShown = 20

/** Opens a CSV file. Shuffling holds it in memory whole. */
export async function openTable(options: TableOptions): Promise<Table> {
  const { path, labelColumn, ignore, shuffle } = options
  const file = await openCsv(path)
  const label = labelColumn === null ? -1 : columnIndex('--label', labelColumn, file.columns, path)
  const ignored = globMatcher(ignore)
  const columns = file.columns.filter((column, index) => index !== label && !ignored(column))
  const rows = new Rereadable(file.rows())
  const first = await rows.ahead(shuffle === null ? rowsOfSample : Number.POSITIVE_INFINITY)
  if (first.length === 0) throw new ShoalError('file.malformed', `${path} must have data rows: it has none`)
  if (shuffle !== null) shuffleInPlace(first, new Random(shuffle))
  const against = new Map(columns.map((column) => [column, notNumeric(first, column, file.columns.indexOf(column))]))
  const numeric = columns.filter((column) => against.get(column) === null)
  const others = [...against].flatMap(([column, why]) => (why === null ? [] : [{ column, why }]))
  return { columns, numeric, others, events: (idField) => eventsOf(options, file, rows, columns, label, idField) }
}

/** What keeps a column from being a feature; null: nothing does. */
function notNumeric(rows: readonly CsvRow[], column: string, index: number): string | null {
  if (column === '') return 'has no name'
  if (rows.every(({ texts }) => texts[index] === '')) return 'is empty'
  const odd = rows.find(({ texts }) => texts[index] !== '' && !jsonNumber.test(texts[index]))
  if (odd === undefined) return null
  const text = odd.texts[index]
  const shown = text.length > mostShown ? `${text.slice(0, mostShown)}…` : text
  return `${JSON.stringify(shown)} in data row ${odd.number}`
}

function eventsOf(
  { path, keyColumn, timeColumn, rows: most }: TableOptions,
  file: CsvFile,
  rows: Rereadable<CsvRow>,
  columns: readonly string[],
  label: number,
  idField: string,
): LabelledEvents {
  const kept = new Set(columns)
  const idColumn = file.columns.includes(idField) ? idField : null
  const toEvent = eventWriter(
    file.columns,
    { path, idField, idColumn, keyColumn, timeColumn },
    (name) => !kept.has(name),
  )
  let taken = 0
  return {
    async *pieces() {
      let piece: LabelledEvent[] = []
      for await (const row of rows.all()) {
        if (taken === most) break
        taken++
        piece.push({ ...toEvent(row), label: label < 0 ? -1 : labelOfRow(row, label, path) })
        if (piece.length < rowsPerPiece) continue
        yield piece
        piece = []
      }
      if (piece.length > 0) yield piece
    },
    part: () => {
      const { done, total } = file.progress()
      const ofFile = rows.part(taken) ?? done / Math.max(1, total)
      return most === null ? ofFile : Math.max(ofFile, taken / most)
    },
  }
}

function labelOfRow(row: CsvRow, label: number, path: string): Label {
  return row.texts[label] === '' ? -1 : labelOf(row, label, path)
}

/** Fisher and Yates. */
function shuffleInPlace<T>(items: T[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const item = items[i]
    items[i] = items[j]
    items[j] = item
  }
}

/** A sequence whose beginning can be looked at before it is read. */
class Rereadable<T> {
  private readonly rest: AsyncIterator<T>
  private readonly held: T[] = []
  private met = 0
  private ended = false

  constructor(source: AsyncIterable<T>) {
    this.rest = source[Symbol.asyncIterator]()
  }

  /** Up to `count` items from the beginning, held until they are read: to be put in another order at will. */
  async ahead(count: number): Promise<T[]> {
    while (this.held.length < count) {
      const next = await this.next()
      if (next === null) break
      this.held.push(next.item)
    }
    return this.held
  }

  async *all(): AsyncGenerator<T, void> {
    yield* this.held
    for (let next = await this.next(); next !== null; next = await this.next()) yield next.item
  }

  /** Share that `taken` items are of all; null: nobody knows how many there are. */
  part(taken: number): number | null {
    return this.ended ? taken / Math.max(1, this.met) : null
  }

  private async next(): Promise<{ readonly item: T } | null> {
    const next = this.ended ? null : await this.rest.next()
    if (next === null || next.done === true) {
      this.ended = true
      return null
    }
    this.met++
    return { item: next.value }
  }
}
