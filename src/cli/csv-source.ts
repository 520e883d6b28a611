/** Rows of a CSV file, gzipped or not, as JSON events. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CsvError, parse } from 'csv-parse'
import { isoTime } from '../core/fields/iso-time.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { EventSource, SourceEvent } from './event-source.ts'
import { globMatcher } from './glob.ts'
import { firstOf } from './output.ts'

export interface CsvOptions {
  readonly path: string
  /** Field of the event that holds the id. */
  readonly idField: string
  /** Column that holds the id; null: `row-<n>`, n counting data rows from 0. */
  readonly idColumn: string | null
  /** Column whose text is the record's key; null: no key. */
  readonly keyColumn: string | null
  /** Column that holds the record's time, in ms since the epoch or ISO 8601; null: none. */
  readonly timeColumn: string | null
  /** Patterns of columns that are left out of the event. */
  readonly ignore: readonly string[]
}

const rowsPerPiece = 500
/** Columns that a refusal names. */
const mostNamed = 12
/** A JSON number as RFC 8259 has it: such a text is taken over as it stands, so no digit is lost. */
export const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** One data row: its number from 0, and its texts in the order of the columns. */
export interface CsvRow {
  readonly number: number
  readonly texts: readonly string[]
}

/** The columns of a CSV file, then its rows. Errors name the file and the line. */
export interface CsvFile {
  readonly columns: readonly string[]
  rows(): AsyncIterable<CsvRow>
  /** Bytes of the file that have been read, and how many there are. */
  progress(): { readonly done: number; readonly total: number }
}

/** Opens a CSV file with a header line; gzip is told by its magic bytes. Throws `file.unreadable` or `file.malformed`. */
export async function openCsv(path: string): Promise<CsvFile> {
  const { size, gzipped } = await probe(path)
  const source = createReadStream(path)
  const parser = parse({ bom: true, relax_column_count: false, skip_empty_lines: true })
  const finished = () => undefined // What goes wrong in the pipeline ends the parser with the error, which the reader meets.
  if (gzipped) pipeline(source, createGunzip(), parser, finished)
  else pipeline(source, parser, finished)
  const records = readRecords(path, parser)
  const head = await records.next()
  if (head.done === true)
    throw new ShoalError('file.malformed', `${path} must begin with a line of column names: it is empty`)
  const columns = head.value
  const twice = columns.find((column, index) => columns.indexOf(column) !== index)
  if (twice !== undefined)
    throw new ShoalError('file.malformed', `${path} must name each column once: got ${twice} twice`)
  return {
    columns,
    async *rows() {
      let number = 0
      for await (const texts of records) yield { number: number++, texts }
    },
    progress: () => ({ done: source.bytesRead, total: size }),
  }
}

async function probe(path: string): Promise<{ readonly size: number; readonly gzipped: boolean }> {
  try {
    const file = await open(path)
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
      const { size } = await file.stat()
      return { size, gzipped: bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b }
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new ShoalError('file.unreadable', `${path} must be a readable file: ${messageOf(cause)}`, { cause })
  }
}

async function* readRecords(path: string, parser: Readable): AsyncGenerator<readonly string[], void> {
  try {
    for await (const record of parser) yield record as readonly string[]
  } catch (cause) {
    if (cause instanceof CsvError) throw malformed(path, cause)
    throw new ShoalError('file.unreadable', `${path} must be readable to its end: ${messageOf(cause)}`, { cause })
  }
}

function malformed(path: string, cause: CsvError): ShoalError {
  const { lines, record } = cause as { readonly lines?: number; readonly record?: readonly string[] }
  const what = cause.code.startsWith('CSV_RECORD_INCONSISTENT')
    ? `must have as many values as the first line: got ${record?.length ?? 'another number'}`
    : `must be CSV: ${cause.message}`
  return new ShoalError('file.malformed', `${path} line ${lines ?? '?'} ${what}`, { cause })
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** The rows as events `{id, …columns}`: a text that is a JSON number becomes one, an empty text null, any other stays. */
export async function csvSource(options: CsvOptions): Promise<EventSource> {
  const file = await openCsv(options.path)
  const toEvent = eventWriter(file.columns, options, globMatcher(options.ignore))
  return {
    async *pieces() {
      let piece: SourceEvent[] = []
      for await (const row of file.rows()) {
        piece.push(toEvent(row))
        if (piece.length < rowsPerPiece) continue
        yield piece
        piece = []
      }
      if (piece.length > 0) yield piece
    },
    progress: () => file.progress(),
  }
}

/** Where the column stands that an option names. The refusal says which there are: another separator shows at once. */
export function columnIndex(option: string, column: string, columns: readonly string[], path: string): number {
  const index = columns.indexOf(column)
  if (index >= 0) return index
  const rule = `${option} must name a column of ${path} (${firstOf(columns, mostNamed)})`
  throw new ShoalError('usage.invalid', `${rule}: got ${column}`)
}

/** Makes an event of each row of a file with these columns, without those that `ignored` says. */
export function eventWriter(
  columns: readonly string[],
  { path, idField, idColumn, keyColumn, timeColumn }: Omit<CsvOptions, 'ignore'>,
  ignored: (column: string) => boolean,
): (row: CsvRow) => SourceEvent {
  const indexOf = (option: string, column: string | null) =>
    column === null ? -1 : columnIndex(option, column, columns, path)
  const id = indexOf('--id', idColumn)
  const key = indexOf('--key', keyColumn)
  const time = indexOf('--time', timeColumn)
  const kept = columns.flatMap((column, index) => (index === id || ignored(column) ? [] : [{ column, index }]))
  if (kept.some(({ column }) => column === idField)) {
    throw new ShoalError('usage.invalid', `${path} has a column ${idField}: say --id ${idField} or --ignore ${idField}`)
  }
  const names = kept.map(({ column, index }) => ({ prefix: `,${JSON.stringify(column)}:`, index }))
  const idPrefix = `{${JSON.stringify(idField)}:`
  return ({ number, texts }) => {
    let json = idPrefix + (id < 0 ? `"row-${number}"` : JSON.stringify(texts[id]))
    for (const { prefix, index } of names) json += prefix + jsonValue(texts[index])
    return {
      key: key < 0 ? null : Buffer.from(texts[key]),
      value: Buffer.from(`${json}}`),
      timestampMs: time < 0 ? null : timestampOf(texts[time], path, number),
    }
  }
}

function jsonValue(text: string): string {
  if (text === '') return 'null'
  return jsonNumber.test(text) ? text : JSON.stringify(text)
}

function timestampOf(text: string, path: string, row: number): number {
  const ms = jsonNumber.test(text) ? Number(text) : isoTime(Buffer.from(text), 0, text.length)
  if (ms >= 0 && ms <= 253_402_300_799_999) return Math.round(ms)
  throw new ShoalError(
    'file.malformed',
    `${path} data row ${row}: --time must be ms since the epoch or ISO 8601: got ${text}`,
  )
}
