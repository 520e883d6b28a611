import type { Log } from '../../src/runtime/ports.ts'

interface Line {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A log that keeps its lines, for a test to read. */
export function recordedLog(): Log & { readonly lines: Line[] } {
  const lines: Line[] = []
  const keep =
    (level: Line['level']) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      lines.push({ level, message, fields })
    }
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') }
}
