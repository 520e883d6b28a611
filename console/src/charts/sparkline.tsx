/** A line the size of a word: how a share has gone. */

interface SparklineProps {
  readonly values: readonly (number | null)[]
  readonly label: string
  readonly colour: string
  readonly width?: number
  readonly height?: number
}

const mostPoints = 90

export function Sparkline({ values, label, colour, width = 96, height = 22 }: SparklineProps) {
  const points = thinned(values)
  const known = points.filter((value) => value !== null)
  if (known.length < 2) return <span class="quiet">–</span>
  const [low, high] = stretched(Math.min(...known), Math.max(...known))
  const x = (i: number) => (1 + (i * (width - 2)) / (points.length - 1)).toFixed(1)
  const y = (value: number) => (height - 2 - ((value - low) / (high - low)) * (height - 4)).toFixed(1)
  const path = points.map((value, i) => {
    if (value === null) return ''
    return `${i === 0 || points[i - 1] === null ? 'M' : 'L'}${x(i)},${y(value)}`
  })
  return (
    <svg class="sparkline" width={width} height={height} role="img" aria-label={label}>
      <path d={path.join('')} fill="none" stroke={`var(${colour})`} stroke-width="1.5" />
    </svg>
  )
}

/** A line that hardly moves must look so: it is never stretched over more than a third of what it stands at. */
function stretched(least: number, most: number): readonly [number, number] {
  const missing = Math.max(0, most / 3 - (most - least), Number.MIN_VALUE)
  return [least - missing / 2, most + missing / 2]
}

/** Each point the last of its stretch: the newest is always there. */
function thinned(values: readonly (number | null)[]): readonly (number | null)[] {
  const step = Math.ceil(values.length / mostPoints)
  return step <= 1 ? values : values.filter((_, i) => (values.length - 1 - i) % step === 0)
}
