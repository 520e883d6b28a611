/** Input, the two stages, outputs: how much flows now. The lines run as long as something does. */
import type { ComponentChildren } from 'preact'
import type { Status } from '../../../src/http/status.ts'
import { addressOf } from '../address.ts'
import { count, duration, figure, percent } from '../numbers.tsx'
import { Ago } from '../times.tsx'

export function Diagram({ status }: { readonly status: Status }) {
  const { throughput, lag, model, state } = status
  const { eventsPerSecond, writtenPerSecond } = throughput
  const anomalies =
    model?.anomalyShare == null || eventsPerSecond === null ? null : model.anomalyShare * eventsPerSecond
  const isLearning = model !== null && !model.frozen
  return (
    <div class="diagram">
      <Node name="Input">{rate(writtenPerSecond)}</Node>
      <Flow runs={(writtenPerSecond ?? 0) > 0}>{lag.seconds === null ? '' : `${duration(lag.seconds)} behind`}</Flow>
      <Node name="Score" level={state === 'serving' ? 'well' : 'look'}>
        {model === null ? state : `version ${count(model.version)}`}
      </Node>
      <Flow runs={(eventsPerSecond ?? 0) > 0}>{rate(eventsPerSecond)}</Flow>
      <div class="outputs">
        <Node name="Assignments">{rate(eventsPerSecond)}</Node>
        <Node name="Anomalies" href={addressOf('anomalies')}>
          {anomalies === null || model === null ? '–' : `about ${rate(anomalies)}, ${percent(model.anomalyShare ?? 0)}`}
        </Node>
      </div>
      <Flow runs={isLearning && (eventsPerSecond ?? 0) > 0} class="down">
        what was seen, and versions back
      </Flow>
      <Node name="Train" level={isLearning ? 'well' : 'look'} class="train">
        {model === null ? 'no model yet' : isLearning ? `${figure(model.trainedEvents)} events learned` : 'frozen'}
      </Node>
      <Flow runs={isLearning && (eventsPerSecond ?? 0) > 0} class="back">
        versions
      </Flow>
      <Node name="Models" href={addressOf('versions')} class="models">
        {model === null ? (
          '–'
        ) : (
          <>
            newest <Ago ms={model.publishedAtMs} /> ago
          </>
        )}
      </Node>
    </div>
  )
}

function rate(perSecond: number | null): string {
  return perSecond === null
    ? '–'
    : `${figure(perSecond < 10 ? Number(perSecond.toPrecision(2)) : Math.round(perSecond))}/s`
}

interface NodeProps {
  readonly name: string
  readonly level?: 'well' | 'look'
  readonly href?: string
  readonly class?: string
  readonly children: ComponentChildren
}

function Node({ name, level = 'well', href, class: own = '', children }: NodeProps) {
  return (
    <div class={`node ${own}`} data-level={level}>
      {href === undefined ? <b>{name}</b> : <a href={href}>{name}</a>}
      <span class="num">{children}</span>
    </div>
  )
}

interface FlowProps {
  readonly runs: boolean
  readonly class?: string
  readonly children: ComponentChildren
}

function Flow({ runs, class: own = '', children }: FlowProps) {
  return (
    <div class={`flow ${own}`} data-runs={runs}>
      <i aria-hidden="true" />
      <span class="quiet num">{children}</span>
    </div>
  )
}
