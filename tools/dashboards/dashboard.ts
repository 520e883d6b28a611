/** The rows as a dashboard of Grafana, by its foundation SDK. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import { GraphThresholdsStyleConfigBuilder, GraphThresholdsStyleMode } from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { PanelPlan, Query } from './panel-plan.ts'
import { rows } from './rows.ts'

/** Of the 24 that a row of Grafana has. */
const span = { number: 4, overTime: 8 }
const height = { number: 4, overTime: 8 }
const datasource = { type: 'prometheus', uid: '$datasource' }

/** As it is imported: `deploy/grafana/shoal.json`. */
export function dashboardJson(): string {
  let id = 0
  const builder = new DashboardBuilder('Shoal')
    .uid('shoal')
    .description('Made by `npm run dashboards` from tools/dashboards.')
    .tags(['shoal'])
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .timezone('browser')
    .editable()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('job')
        .label('Model')
        .datasource(datasource)
        .query('label_values(shoal_ready, job)')
        .refresh(1),
    )
  for (const { title, panels } of rows) {
    builder.withRow(new RowBuilder(title).id(++id))
    for (const plan of panels) builder.withPanel(panelOf(plan, ++id))
  }
  return `${JSON.stringify(builder.build(), null, 2)}\n`
}

function panelOf(plan: PanelPlan, id: number): Builder<Panel> {
  const panel = plan.as === 'number' ? statOf(plan) : timeSeriesOf(plan)
  plan.queries.forEach((query, i) => void panel.withTarget(targetOf(query, i, plan.as === 'number')))
  return panel.id(id).title(plan.title).description(plan.description).unit(plan.unit).datasource(datasource)
}

function statOf({ limit }: PanelPlan): StatBuilder {
  const panel = new StatBuilder().height(height.number).span(span.number)
  return panel.thresholds(thresholds(limit))
}

function timeSeriesOf({ limit }: PanelPlan): TimeSeriesBuilder {
  const panel = new TimeSeriesBuilder().height(height.overTime).span(span.overTime).thresholds(thresholds(limit))
  if (limit === undefined) return panel
  return panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
}

/** Blue and orange: colours that the colour-blind tell apart. */
function thresholds(limit: number | undefined): ThresholdsConfigBuilder {
  const steps = [{ value: null, color: 'blue' }, ...(limit === undefined ? [] : [{ value: limit, color: 'orange' }])]
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps)
}

function targetOf({ expr, legend }: Query, i: number, isInstant: boolean): DataqueryBuilder {
  const target = new DataqueryBuilder()
    .datasource(datasource)
    .refId(String.fromCharCode(65 + i))
    .expr(expr)
  if (legend !== '') target.legendFormat(legend)
  if (isInstant) return target.instant()
  // A point of a histogram leads to a trace that was measured in it.
  return expr.includes('_bucket') ? target.range().exemplar(true) : target.range()
}
