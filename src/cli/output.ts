/** What commands print: lines, columns of text, numbers as people read them. */

/** Waits while the reader is behind, so that a slow pipe holds the command up and not its memory. */
export async function writeLine(stream: NodeJS.WritableStream, line: string): Promise<void> {
  if (stream.write(`${line}\n`)) return
  await new Promise<void>((resolve) => stream.once('drain', resolve))
}

export interface Column<T> {
  readonly title: string
  readonly width: number
  readonly align: 'left' | 'right'
  text(of: T): string
}

/** One line under each other, in columns of fixed width: what does not fit pushes the rest to the right. */
export function headLine<T>(columns: readonly Column<T>[]): string {
  return columns
    .map((column) => padded(column.title, column))
    .join('  ')
    .trimEnd()
}

export function rowLine<T>(columns: readonly Column<T>[], of: T): string {
  return columns
    .map((column) => padded(column.text(of), column))
    .join('  ')
    .trimEnd()
}

function padded<T>(text: string, { width, align }: Column<T>): string {
  const plain = plainText(text)
  return align === 'left' ? plain.padEnd(width) : plain.padStart(width)
}

/** An id may hold anything; on a terminal it must not move the cursor. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, '\ufffd')
}

/** The first of several, and how many more there are: `a, b and 3 more`. */
export function firstOf(texts: readonly string[], most: number): string {
  const rest = texts.length - most
  return texts.slice(0, most).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

/** 1234567 → 1,234,567. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** A ratio with so many decimals, or a dash where there is none. */
export function ratio(value: number | null, decimals = 4): string {
  return value === null ? '–' : value.toFixed(decimals)
}

/** A share as three digits of a hundred. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}
