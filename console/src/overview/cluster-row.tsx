/** A cluster in one line; opened, with its whole centroid and the name that the analyst gives it. */

import type { ClusterView } from '../../../src/runtime/views/cluster-view.ts'
import { addressOf } from '../address.ts'
import { Sparkline } from '../charts/sparkline.tsx'
import { colourOf } from '../colours.ts'
import { useSpreadText, useValueText } from '../kinds.ts'
import { count, Num, percent } from '../numbers.tsx'
import { pointsAt, usePointed } from '../pointed.ts'
import { ClusterName, useClusterName } from './cluster-name.tsx'

interface ClusterRowProps {
  readonly cluster: ClusterView
  readonly version: number
  readonly bornAtMs: number
  readonly shows: boolean
  readonly most: number
  readonly values: readonly (number | null)[]
  readonly chosen: boolean
}

export function ClusterRow({ cluster, version, bornAtMs, shows, most, values, chosen }: ClusterRowProps) {
  const pointed = usePointed()
  const valueText = useValueText()
  const spreadText = useSpreadText()
  const { id, share, spread, bornVersion, parents, standsOut } = cluster
  const colour = colourOf(id, shows || pointed.id === id || chosen)
  const name = useClusterName(bornAtMs, id)
  return (
    <>
      <tr {...pointsAt(pointed, id)} class="cluster" data-chosen={chosen}>
        <th scope="row">
          <a href={addressOf('overview', null, chosen ? {} : { cluster: String(id) })} aria-expanded={chosen}>
            <i class="chip" style={{ background: `var(${colour})` }} />
            {id}
            {name.text !== '' && <span class="given-name"> {name.text}</span>}
          </a>
        </th>
        <td class="right share">
          <Num value={share} as={percent} />
          <i class="bar" style={{ width: `${(100 * share) / most}%`, background: `var(${colour})` }} />
        </td>
        <td>
          <Sparkline
            values={values}
            colour={colour}
            label={`share of cluster ${id} over the last quarter of an hour`}
          />
        </td>
        <td class="typical">
          {standsOut.map((of, i) => (
            <span key={of.feature}>
              {i > 0 && <span class="dot"> · </span>}
              <StandingOut {...of} />
            </span>
          ))}
          {standsOut.length === 0 && <span class="quiet">as the whole</span>}
        </td>
        <td class="right">
          <Num value={spread} />
        </td>
        <td class="right" title={`born in version ${bornVersion}`}>
          {bornVersion === 1 ? 'since birth' : `${count(version - bornVersion)} versions`}
        </td>
        <td>{parents.length === 0 ? <span class="quiet">–</span> : parents.map((of) => `${of}`).join(', ')}</td>
      </tr>
      {chosen && (
        <tr class="details">
          <td colSpan={7}>
            <ClusterName cluster={id} name={name} />
            <dl class="centroid-values">
              {cluster.centroid.map(({ feature, value, spread: own }) => (
                <div key={feature}>
                  <dt>{feature}</dt>
                  <dd title={value === null ? '' : String(value)}>
                    {valueText(feature, value)}
                    {own !== null && <span class="quiet"> ± {spreadText(feature, own)}</span>}
                  </dd>
                </div>
              ))}
            </dl>
            <p class="quiet">
              Born in version {count(bornVersion)}, last shaped by a refit in version {count(cluster.shapedVersion)},
              with the weight of <Num value={cluster.weight} /> events.
            </p>
          </td>
        </tr>
      )}
    </>
  )
}

function StandingOut({ feature, value, whole, spreads, category }: ClusterView['standsOut'][number]) {
  const valueText = useValueText()
  const exact = `${feature}: ${value} here, ${whole} in all, ${spreads} spreads apart`
  if (category !== null) {
    return (
      <span title={exact}>
        {feature} {category.name} <b>{percent(category.share)}</b>{' '}
        <span class="quiet">({percent(category.wholeShare)})</span>
      </span>
    )
  }
  return (
    <span title={exact}>
      {feature} <b>{valueText(feature, value)}</b> <span class="quiet">({valueText(feature, whole)})</span>
    </span>
  )
}
