/** Before and after: how the values of a feature lay in the reference, and how they lie now, on the same bins. */
import type { Distribution } from '../../../src/runtime/views/drift/present.ts'
import { stepPath } from '../charts/step-path.ts'
import { figure } from '../numbers.tsx'

const [width, height] = [480, 84]
const mostShown = 3

export function Densities({ of }: { readonly of: readonly Distribution[] }) {
  return (
    <>
      <h3>
        <span class="before-key">before</span> and <span class="after-key">after</span>
      </h3>
      {of.slice(0, mostShown).map((distribution) => (
        <Density key={distribution.feature} of={distribution} />
      ))}
    </>
  )
}

function Density({ of: { feature, edges, before, after } }: { readonly of: Distribution }) {
  const most = Math.max(...before, ...after)
  const middle = (shares: readonly number[]) => binOfMiddle(shares)
  const told = `${feature}: half of the values lay in bin ${middle(before) + 1} of ${before.length} or below, now in bin ${middle(after) + 1}`
  return (
    <figure class="density">
      <figcaption>{feature}</figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={told}>
        <path class="before" d={stepPath(before, most, width, height)} />
        <path class="after" d={stepPath(after, most, width, height)} />
      </svg>
      <p class="quiet ends">
        <span>{edges === null ? '' : `below ${figure(edges[0])}`}</span>
        <span>{edges === null ? `${before.length} values` : 'bins of the reference'}</span>
        <span>{edges === null ? '' : `above ${figure(edges[edges.length - 1])}`}</span>
      </p>
    </figure>
  )
}

function binOfMiddle(shares: readonly number[]): number {
  let below = 0
  return shares.findIndex((share) => {
    below += share
    return below >= 0.5
  })
}
