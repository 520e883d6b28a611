/** Before and after of categories: two bars for each of those whose shares have changed most. */

import { mostChanged } from '../../../src/runtime/views/drift/most-changed.ts'
import { To } from '../drawn.tsx'
import { Num, percent } from '../numbers.tsx'

const mostShown = 8

interface NamedSharesProps {
  readonly names: readonly string[]
  readonly before: readonly number[]
  readonly after: readonly number[]
}

export function NamedShares({ names, before, after }: NamedSharesProps) {
  const shown = mostChanged(before, after, mostShown)
  const most = Math.max(...shown.flatMap((bin) => [before[bin], after[bin]]))
  const others = before.filter((share, bin) => share + after[bin] > 0).length - shown.length
  return (
    <>
      <ul class="named-shares">
        {shown.map((bin) => (
          <li key={bin}>
            <span class="name">{names[bin]}</span>
            <span class="bars" aria-hidden="true">
              <i class="before" style={{ width: `${(100 * before[bin]) / most}%` }} />
              <i class="after" style={{ width: `${(100 * after[bin]) / most}%` }} />
            </span>
            <span class="shares">
              <Num value={before[bin]} as={percent} />
              <To />
              <Num value={after[bin]} as={percent} />
            </span>
          </li>
        ))}
      </ul>
      {others > 0 && (
        <p class="quiet">{`and ${others === 1 ? '1 other' : `${others} others`} that have changed less`}</p>
      )}
    </>
  )
}
