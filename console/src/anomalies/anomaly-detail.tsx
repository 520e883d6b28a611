/** One anomaly: a sentence, the features one by one, what else is known of the entity, and the proof. */

import type { AnomalyView } from '../../../src/runtime/views/anomaly-view.ts'
import { addressOf } from '../address.ts'
import { useResource } from '../api/client.ts'
import { BarCell } from '../bar-cell.tsx'
import { CloseLink } from '../close-link.tsx'
import { useSpreadText, useValueText } from '../kinds.ts'
import { count, percent } from '../numbers.tsx'
import { Panel } from '../panel.tsx'
import { Moment } from '../times.tsx'
import { EntityHistory } from './entity-history.tsx'
import { EntityProfile } from './entity-profile.tsx'
import { idOf } from './groups.ts'
import { Whereabouts } from './whereabouts.tsx'

interface AnomalyDetailProps {
  /** Partition and offset of its event. */
  readonly id: string
}

export function AnomalyDetail({ id }: AnomalyDetailProps) {
  const [partition = '', offset = ''] = id.split('-')
  const anomaly = useResource<AnomalyView>(`v1/anomalies/${partition}/${offset}`, 3_600_000)
  return (
    <Panel
      title={anomaly.value?.key ?? `Event ${offset} of partition ${partition}`}
      class="detail"
      of={anomaly}
      aside={<CloseLink view="anomalies" />}
    >
      {(value) => (
        <>
          <p class="explanation">{value.sentence}.</p>
          <p class="quiet">
            <Moment ms={value.atMs} />
            {value.warmUp && ' · the model was younger than what its numbers rest on'}
          </p>
          <Features anomaly={value} />
          {value.key !== null && <EntityProfile entity={value.key} />}
          <EntityHistory anomaly={value} />
          <Proof anomaly={value} />
        </>
      )}
    </Panel>
  )
}

function Features({ anomaly: { contributions, cluster } }: { readonly anomaly: AnomalyView }) {
  const valueText = useValueText()
  const spreadText = useSpreadText()
  return (
    <>
      <h3>Feature by feature</h3>
      <div class="scrolls">
        <table class="features">
          <thead>
            <tr>
              <th scope="col">Feature</th>
              <th scope="col" class="right">
                Value
              </th>
              <th scope="col" class="right">
                Expected
              </th>
              <th scope="col">Where it lies</th>
              <th scope="col">Share of the distance</th>
            </tr>
          </thead>
          <tbody>
            {contributions.map(({ feature, value, expected, spread, share }) => (
              <tr key={feature}>
                <th scope="row">{feature}</th>
                <td class="right" title={String(value ?? 'missing')}>
                  {value === null ? 'missing' : valueText(feature, value)}
                </td>
                <td class="right quiet" title={`${expected} ± ${spread}`}>
                  {valueText(feature, expected)}
                  {spread !== null && ` ± ${spreadText(feature, spread)}`}
                </td>
                <td>
                  <Whereabouts value={value} expected={expected} spread={spread} />
                </td>
                <BarCell value={share} as={percent} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="quiet">
        Nearest is <a href={addressOf('overview', null, { cluster: String(cluster) })}>cluster {cluster}</a>.
      </p>
    </>
  )
}

/** With these the judgement can be read back and recomputed. */
function Proof({ anomaly }: { readonly anomaly: AnomalyView }) {
  const { eventId, partition, offset, modelVersion, fingerprint, score, threshold, rarity, distance, remoteness } =
    anomaly
  const told: readonly (readonly [string, string | number])[] = [
    ['event', eventId],
    ['partition', partition],
    ['offset', offset],
    ['version', modelVersion],
    ['fingerprint', fingerprint],
    ['score', score],
    ['threshold', threshold],
    ['rarity', rarity],
    ['distance', distance],
    ['remoteness', remoteness],
  ]
  const kept = useResource<unknown>(`v1/versions/${modelVersion}`, 3_600_000)
  return (
    <>
      <h3>Proof</h3>
      <dl class="proof" data-anomaly={idOf(anomaly)}>
        {told.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {kept.value !== null && (
        <p class="quiet">
          <a href={addressOf('versions', null, { from: String(modelVersion) })}>Version {count(modelVersion)}</a> is
          kept: from it the judgement recomputes bit for bit.
        </p>
      )}
      {kept.problem?.status === 404 && (
        <p class="quiet">Version {count(modelVersion)} is not kept any more; it can be rebuilt from the log.</p>
      )}
    </>
  )
}
