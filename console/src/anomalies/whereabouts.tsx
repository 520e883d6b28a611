/** Where a value lies beside what is expected: the band is where most events are, the mark is this one. */
import { figure } from '../numbers.tsx'

interface WhereaboutsProps {
  readonly value: number | string | null
  readonly expected: number | string | null
  readonly spread: number | null
}

const [width, height, inset] = [120, 16, 8]
/** So many spreads to each side are drawn; what is farther stands at the end as an arrow. */
const spreadsShown = 6

export function Whereabouts({ value, expected, spread }: WhereaboutsProps) {
  if (typeof value !== 'number' || typeof expected !== 'number' || spread === null || !(spread > 0)) {
    return <span class="quiet">{value === expected ? 'the same' : 'another'}</span>
  }
  const away = (value - expected) / spread
  const shown = Math.min(Math.max(away, -spreadsShown), spreadsShown)
  const x = (spreads: number) => width / 2 + (spreads / spreadsShown) * (width / 2 - inset)
  const told = `${figure(Math.abs(away))} spreads ${away < 0 ? 'below' : 'above'} what is expected`
  return (
    <svg class="whereabouts" width={width} height={height} role="img" aria-label={told}>
      <title>{told}</title>
      <line x1={inset} x2={width - inset} y1={height / 2} y2={height / 2} />
      <rect x={x(-1)} width={x(1) - x(-1)} y={3} height={height - 6} rx={2} />
      {shown === away ? (
        <circle cx={x(away)} cy={height / 2} r={4} />
      ) : (
        <path d={arrowAt(x(shown), height / 2, Math.sign(away))} />
      )}
    </svg>
  )
}

function arrowAt(x: number, y: number, direction: number): string {
  return `M${x - 4 * direction},${y - 5}L${x + 5 * direction},${y}L${x - 4 * direction},${y + 5}Z`
}
