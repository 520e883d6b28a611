/** Before and after: how the values of a feature lay in the reference, and how they lie now, on the same bins. */
import type { Distribution } from '../../../src/runtime/views/drift/present.ts'
import { stepPath } from '../charts/step-path.ts'
import { figure } from '../numbers.tsx'
import { NamedShares } from './named-shares.tsx'

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

function Density({ of }: { readonly of: Distribution }) {
  const { feature, kind, names, before, after } = of
  return (
    <figure class="density">
      <figcaption>{feature}</figcaption>
      {names !== null && kind !== 'phase' ? (
        <NamedShares names={names} before={before} after={after} />
      ) : (
        <Curves of={of} />
      )}
    </figure>
  )
}

/** Of bins that lie side by side. */
function Curves({ of: { feature, edges, names, before, after } }: { readonly of: Distribution }) {
  const most = Math.max(...before, ...after)
  const [left, right] = endsOf(edges, names)
  const bin = (shares: readonly number[]) => names?.[binOfMiddle(shares)] ?? `bin ${binOfMiddle(shares) + 1}`
  const of = names === null ? ` of ${before.length}` : ' (UTC)'
  const told = `${feature}: half of the values lay in ${bin(before)}${of} or below, now in ${bin(after)}`
  return (
    <>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={told}>
        <path class="before" d={stepPath(before, most, width, height)} />
        <path class="after" d={stepPath(after, most, width, height)} />
      </svg>
      <p class="quiet ends">
        <span>{left}</span>
        <span>{names === null ? 'bins of the reference' : 'UTC'}</span>
        <span>{right}</span>
      </p>
    </>
  )
}

function endsOf(edges: readonly number[] | null, names: readonly string[] | null): readonly [string, string] {
  if (names !== null) return [names[0], names.at(-1) ?? '']
  if (edges === null || edges.length === 0) return ['', '']
  return [`below ${figure(edges[0])}`, `above ${figure(edges[edges.length - 1])}`]
}

function binOfMiddle(shares: readonly number[]): number {
  let below = 0
  return shares.findIndex((share) => {
    below += share
    return below >= 0.5
  })
}
