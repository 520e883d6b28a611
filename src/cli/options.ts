/** Options that several commands share, and how their texts become values. */
import { type Command, InvalidArgumentError } from 'commander'
import { isoTime } from '../core/fields/iso-time.ts'

/** `--config`, as every command has it. */
export function withConfig(command: Command): Command {
  return command.option(
    '-c, --config <file>',
    'configuration file (default: shoal.yaml here if it exists, else the defaults)',
  )
}

/** A whole number in [least, most]; 300000, 300_000 and 3e5 are the same. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = numberOf(text)
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value
    const upTo = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `${least} to ${most}`
    throw new InvalidArgumentError(`It must be a whole number, ${upTo}.`)
  }
}

/** A number in (0, most]. */
export function positiveNumber(most: number): (text: string) => number {
  return (text) => {
    const value = numberOf(text)
    if (value > 0 && value <= most) return value
    throw new InvalidArgumentError(`It must be a number above 0 and at most ${most}.`)
  }
}

/** A share in [0, most]: 0.01, or 1%. */
export function share(most: number): (text: string) => number {
  return (text) => {
    const value = text.endsWith('%') ? numberOf(text.slice(0, -1)) / 100 : numberOf(text)
    if (value >= 0 && value <= most) return value
    throw new InvalidArgumentError(`It must be a share from 0 to ${most}, such as 0.01 or 1%.`)
  }
}

const msIn: { readonly [unit: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A duration in ms: 20s, 1.5m, 500ms. */
export function durationMs(text: string): number {
  const [, amount, unit] = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Math.round(Number(amount) * (msIn[unit] ?? Number.NaN))
  if (ms >= 1 && ms <= 2_147_483_647) return ms
  throw new InvalidArgumentError('It must be a duration such as 500ms, 20s, 5m or 1h.')
}

/** A point in time as ms since the epoch: ISO 8601, in UTC unless it names a zone; a day alone is its beginning. */
export function instantMs(text: string): number {
  const whole = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
  const ms = isoTime(Buffer.from(whole), 0, whole.length)
  if (!Number.isNaN(ms)) return ms
  throw new InvalidArgumentError('It must be a time such as 2026-01-31 or 2026-01-31T12:00:00Z.')
}

function numberOf(text: string): number {
  return /^[0-9][0-9_]*(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN
}

/** For an option that may be given again and again. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}
