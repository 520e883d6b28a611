/** The line of versions: how good each was, what differs between two, and the commands that steer what comes next. */

import type { ModelView } from '../../../src/runtime/views/model-view.ts'
import type { VersionView } from '../../../src/runtime/views/version-view.ts'
import { type Address, addressOf } from '../address.ts'
import { useResource } from '../api/client.ts'
import { TimeChart } from '../charts/time-chart.tsx'
import { count, figure, Num, percent } from '../numbers.tsx'
import { Panel } from '../panel.tsx'
import { DiffPanel } from './diff-panel.tsx'
import { SteerPanel } from './steer-panel.tsx'
import { VersionTable } from './version-table.tsx'

interface Versions {
  /** Newest first. */
  readonly versions: readonly VersionView[]
}

export function VersionsView({ address: { query } }: { readonly address: Address }) {
  const list = useResource<Versions>('v1/versions?limit=100', 5000)
  const model = useResource<ModelView>('v1/model', 5000)
  const [from, to] = [numberOf(query.from), numberOf(query.to)]
  const pick = (end: 'from' | 'to', version: number) => {
    location.hash = addressOf('versions', null, { ...query, [end]: String(version) })
  }
  return (
    <div class="versions">
      <SteerPanel model={model} />
      <Panel
        title="Versions"
        of={list}
        class="version-line"
        aside={model.value === null ? null : <Serving model={model.value} />}
        empty={({ versions }) => (versions.length === 0 ? 'No version has been published yet.' : null)}
      >
        {({ versions }) => (
          <>
            <Quality versions={versions} />
            <VersionTable
              versions={versions}
              from={from}
              to={to}
              onPick={pick}
              serving={model.value?.version ?? null}
            />
          </>
        )}
      </Panel>
      {from !== null && to !== null && from !== to ? (
        <DiffPanel key={`${from} ${to}`} from={Math.min(from, to)} to={Math.max(from, to)} />
      ) : (
        <p class="panel choose quiet">
          {from === null && to === null ? 'Choose two versions' : 'Choose another version'} to see what differs between
          them: clusters that moved, came and went.
        </p>
      )}
    </div>
  )
}

function Serving({ model: { version, quality } }: { readonly model: ModelView }) {
  return (
    <p class="quiet">
      {count(version)} serves; silhouette <Num value={quality.silhouette} />,{' '}
      <Num value={quality.unexplained} as={percent} /> of the variance within clusters
    </p>
  )
}

function Quality({ versions }: Versions) {
  const inOrder = versions.toReversed()
  if (inOrder.length < 2) return null
  const at = inOrder.map(({ publishedAtMs }) => publishedAtMs)
  return (
    <div class="quality-charts">
      <TimeChart
        title="Silhouette"
        unit="−1 to 1"
        at={at}
        series={[{ label: 'silhouette', values: inOrder.map(({ silhouette }) => silhouette), colour: '--accent' }]}
        format={figure}
        height={90}
      />
      <TimeChart
        title="Unexplained"
        unit="share of the variance"
        at={at}
        series={[{ label: 'unexplained', values: inOrder.map(({ unexplained }) => unexplained), colour: '--accent' }]}
        format={percent}
        height={90}
      />
      <TimeChart
        title="Anomalous"
        unit="share of the events"
        at={at}
        series={[{ label: 'anomalous', values: inOrder.map(({ anomalyShare }) => anomalyShare), colour: '--accent' }]}
        format={percent}
        height={90}
      />
    </div>
  )
}

function numberOf(text: string | undefined): number | null {
  const value = Number(text)
  return text !== undefined && Number.isSafeInteger(value) && value > 0 ? value : null
}
