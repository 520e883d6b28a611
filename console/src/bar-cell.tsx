/** A number in a table, under a bar that shows how much of the most it is. */
import { figure, Num } from './numbers.tsx'

interface BarCellProps {
  readonly value: number
  /** What a whole bar stands for: 1, unless it is no share. */
  readonly most?: number
  readonly as?: (value: number) => string
}

export function BarCell({ value, most = 1, as = figure }: BarCellProps) {
  return (
    <td class="share">
      <i class="bar" style={{ width: `${(100 * value) / most}%` }} />
      <Num value={value} as={as} />
    </td>
  )
}
