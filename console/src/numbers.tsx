/** Numbers as people read them, with every digit of the API where one points. */

const language = 'en-US'
const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 })
const three = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 })
const thin = '\u202f'

/** 1,204 */
export function count(value: number): string {
  return whole.format(value)
}

/** 48,210 · 3.14 · 0.00271: three digits that count, or all before the point. */
export function figure(value: number): string {
  const size = Math.abs(value)
  if (size >= 1000) return size < 1e9 ? whole.format(value) : value.toExponential(2)
  return size !== 0 && size < 1e-4 ? value.toExponential(1) : three.format(value)
}

const leastPercent = 0.001

/** 0.49 % */
export function percent(share: number): string {
  const size = Math.abs(100 * share)
  if (size > 0 && size < leastPercent) return `<${leastPercent}${thin}%`
  return `${size >= 100 || size === 0 ? whole.format(100 * share) : figure(Number((100 * share).toPrecision(size < 1 ? 2 : 3)))}${thin}%`
}

/** 0.3 s · 12 ms · 4 min */
export function duration(seconds: number): string {
  if (seconds < 0.001 && seconds > 0) return `${figure(seconds * 1e6)}${thin}µs`
  if (seconds < 0.1 && seconds > 0) return `${figure(seconds * 1000)}${thin}ms`
  if (seconds < 120) return `${seconds < 10 ? figure(Number(seconds.toFixed(1))) : whole.format(seconds)}${thin}s`
  if (seconds < 7200) return `${whole.format(seconds / 60)}${thin}min`
  if (seconds < 172_800) return `${whole.format(seconds / 3600)}${thin}h`
  return `${whole.format(seconds / 86_400)}${thin}d`
}

interface NumProps {
  readonly value: number | null
  readonly as?: (value: number) => string
}

/** A number in the short form; pointed at, all its digits. */
export function Num({ value, as = figure }: NumProps) {
  if (value === null) return <span class="num none">–</span>
  return (
    <span class="num" title={String(value)}>
      {as(value)}
    </span>
  )
}
