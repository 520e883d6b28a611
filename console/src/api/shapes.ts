/** What the API answers: its own types, so that page and API cannot differ. */
import type { MapView } from '../../../src/http/map.ts'
import type { History, PartitionView } from '../../../src/http/routes/process.ts'
import type { Status } from '../../../src/http/status.ts'
import type { AnomalyView } from '../../../src/runtime/views/anomaly-view.ts'
import type { ClusterView } from '../../../src/runtime/views/cluster-view.ts'
import type { DiffView } from '../../../src/runtime/views/diff-view.ts'
import type { Distribution, OpenDrift } from '../../../src/runtime/views/drift/present.ts'
import type { DriftReport } from '../../../src/runtime/views/drift/report.ts'
import type { ToldEvent } from '../../../src/runtime/views/drift/told-event.ts'
import type { ModelView } from '../../../src/runtime/views/model-view.ts'
import type { VersionView } from '../../../src/runtime/views/version-view.ts'

export type {
  AnomalyView,
  ClusterView,
  DiffView,
  Distribution,
  DriftReport,
  MapView,
  ModelView,
  OpenDrift,
  ToldEvent,
  VersionView,
}
export type Deed = ModelView['deeds'][number]
export type HistoryView = History
export type Partition = PartitionView
export type StatusView = Status
