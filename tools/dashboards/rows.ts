/** What the dashboard shows, from top to bottom. Tested against the catalogue of metrics. */
import { drift, learning, quality } from './model-rows.ts'
import type { RowPlan } from './panel-plan.ts'
import { health, pipeline } from './pipeline-rows.ts'
import { api, dependencies, processes } from './process-rows.ts'

export const rows: readonly RowPlan[] = [health, pipeline, learning, drift, quality, dependencies, api, processes]
