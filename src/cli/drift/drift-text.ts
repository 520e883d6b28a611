/** What is known of drift, as a person reads it on a terminal. */

import type { Watch } from '../../runtime/views/drift/present.ts'
import type { DriftReport } from '../../runtime/views/drift/report.ts'
import type { ToldEvent } from '../../runtime/views/drift/told-event.ts'
import { bar } from '../bars.ts'
import { type Column, grouped, headLine, rowLine } from '../output.ts'
import { qualityLines } from '../quality-text.ts'
import { changeLine, openDriftLines, short, testText } from './event-lines.ts'
import { timeline } from './timeline.ts'
import { agoText, timeText } from './times.ts'

const barWidth = 16

export function driftText(report: DriftReport, nowMs: number): string {
  const { open, watch, quality, events, told } = report
  const shown = events.length < told ? `, the last ${grouped(events.length)} of them below` : ''
  return [
    modelLine(report, nowMs),
    ...orderLines(report),
    '',
    ...(open.length === 0 ? ['No drift is open.'] : open.flatMap((each) => openDriftLines(each, report.input, nowMs))),
    ...(watch === null ? [] : ['', ...watchLines(watch)]),
    ...(quality === null ? [] : ['', ...qualityLines(quality)]),
    '',
    told === 0 ? 'Nothing was told.' : `${grouped(told)} ${told === 1 ? 'event was' : 'events were'} told${shown}.`,
    ...timeline(events),
    ...(events.length === 0 ? [] : ['', headLine(eventColumns), ...events.toReversed().flatMap(eventLines)]),
  ].join('\n')
}

/** One event, newest first in a list, alone when it has just come. */
export function eventLines(event: ToldEvent): readonly string[] {
  const change = event.kind === 'drift.cleared' ? null : changeLine(event)
  return [rowLine(eventColumns, event), ...(change === null ? [] : [`${' '.repeat(22)}${change}`])]
}

const eventColumns: readonly Column<ToldEvent>[] = [
  { title: 'told', width: 20, align: 'left', text: ({ detectedAt }) => timeText(detectedAt) },
  { title: 'kind', width: 17, align: 'left', text: ({ kind }) => kind },
  {
    title: 'severity',
    width: 8,
    align: 'left',
    text: ({ severity, kind }) => (kind === 'drift.cleared' ? '' : (severity ?? '')),
  },
  { title: 'test', width: 24, align: 'left', text: testText },
  { title: 'reaction', width: 8, align: 'left', text: ({ reaction }) => (reaction === 'none' ? '' : reaction) },
  { title: 'what', width: 0, align: 'left', text: ({ message }) => message },
]

function modelLine({ name, model, modelsTopic }: DriftReport, nowMs: number): string {
  if (model === null) return `${name}: ${modelsTopic} holds no model of this configuration`
  const { version, publishedAt, trainedEvents } = model
  const when = `${timeText(publishedAt)} (${agoText(publishedAt, nowMs)})`
  return `${name}: version ${grouped(version)} of ${when}, ${grouped(trainedEvents)} events learned`
}

function orderLines({ orders }: DriftReport): readonly string[] {
  if (orders === null) return []
  const { frozenSince, asked } = orders
  return [
    ...(frozenSince === null
      ? []
      : [`LEARNING STANDS STILL since version ${grouped(frozenSince)}: shoal model resume lets it go on.`]),
    ...asked.map(({ driftId, kind, targetVersion }) => {
      const to = targetVersion > 0 ? ` to version ${grouped(targetVersion)}` : ''
      return `WAITS FOR YOUR ANSWER: ${kind}${to}. shoal drift approve ${driftId}, or reject`
    }),
  ]
}

function watchLines(watch: Watch): readonly string[] {
  const { windowEvents, inWindow, closedWindows, referenceEvents, referenceVersion, knownHours, detectors, features } =
    watch
  const most = features.slice(0, 3).filter(({ distance }) => distance > 0)
  const columns: readonly Column<Watch['detectors'][number]>[] = [
    { title: '', width: 11, align: 'left', text: ({ detector }) => `  ${detector}` },
    { title: '', width: 7, align: 'right', text: ({ statistic }) => short(statistic) },
    { title: '', width: 8, align: 'left', text: ({ threshold }) => `of ${short(threshold)}` },
    {
      title: '',
      width: barWidth,
      align: 'left',
      text: ({ statistic, threshold }) => bar(statistic, threshold, barWidth),
    },
  ]
  return [
    `Windows of ${grouped(windowEvents)} events: ${grouped(closedWindows)} closed, ${grouped(inWindow)} events in this one; beside ${grouped(referenceEvents)} events from version ${grouped(referenceVersion)} on; ${knownHours} of 24 hours known.`,
    ...(detectors.length === 0 ? [] : ['The newest window, beside what each detector must see to tell a drift:']),
    ...detectors.map((each) => rowLine(columns, each)),
    ...(most.length === 0
      ? []
      : [`  most: ${most.map(({ feature, distance }) => `${feature} ${short(distance)}`).join(', ')}`]),
  ]
}
