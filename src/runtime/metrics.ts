/** The one catalogue of metrics. An adapter makes them; docs/metrics.md is kept equal to it by a test. */

interface Metric {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram, in the metric's unit. */
  readonly buckets?: readonly number[]
}

/** 0.2 is the latency that is promised: how many were above it is then counted, not guessed between two bounds. */
const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10] as const
const eventsBuckets = [1, 10, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000] as const
const bytesBuckets = [1_000, 10_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000] as const

export const metrics = {
  shoal_events_total: { kind: 'counter', help: 'Valid events scored in committed transactions.', labels: [] },
  shoal_anomalies_total: { kind: 'counter', help: 'Events called anomalous in committed transactions.', labels: [] },
  shoal_dead_letters_total: {
    kind: 'counter',
    help: 'Invalid events in committed transactions, by reason.',
    labels: ['reason'],
  },
  shoal_clipped_values_total: {
    kind: 'counter',
    help: 'Finite but absurd feature values that were clipped at the fences.',
    labels: [],
  },
  shoal_transactions_total: {
    kind: 'counter',
    help: 'Transactions by stage and outcome (committed, abandoned, fenced).',
    labels: ['stage', 'outcome'],
  },
  shoal_transaction_seconds: {
    kind: 'histogram',
    help: 'Time from the first read of a batch to its commit.',
    labels: ['stage'],
    buckets: secondsBuckets,
  },
  shoal_batch_seconds: {
    kind: 'histogram',
    help: 'Time to compute one batch, without the log.',
    labels: ['stage'],
    buckets: secondsBuckets,
  },
  shoal_batch_events: {
    kind: 'histogram',
    help: 'Records of one batch: events of the score stage, model updates of the train stage.',
    labels: ['stage'],
    buckets: eventsBuckets,
  },
  shoal_transaction_bytes: {
    kind: 'histogram',
    help: 'Bytes that one committed transaction wrote.',
    labels: ['stage'],
    buckets: bytesBuckets,
  },
  shoal_commit_wait_seconds_total: {
    kind: 'counter',
    help: 'Time for which a computed batch of the score stage had to wait for the commit of the one before.',
    labels: [],
  },
  shoal_http_requests_total: {
    kind: 'counter',
    help: 'Requests to the HTTP API, health and metrics included, by method, route and class of status.',
    labels: ['method', 'route', 'status'],
  },
  shoal_http_request_seconds: {
    kind: 'histogram',
    help: 'Time from a request to the end of its answer, by route.',
    labels: ['route'],
    buckets: secondsBuckets,
  },
  shoal_http_requests_in_flight: { kind: 'gauge', help: 'Requests that are not answered yet.', labels: [] },
  shoal_audit_failures_total: {
    kind: 'counter',
    help: 'Records that could not be written to the audit, by kind: access (a refused one, which nothing else tells of but the log), command (which is then not given), configuration.',
    labels: ['kind'],
  },
  shoal_shares_total: {
    kind: 'counter',
    help: 'Times that this process began to work in its group, by stage: a rebalance is none.',
    labels: ['stage'],
  },
  shoal_partitions: { kind: 'gauge', help: 'Partitions that this process works on, by stage.', labels: ['stage'] },
  shoal_rebalances_total: {
    kind: 'counter',
    help: 'Times that the partitions which this process works on changed, by stage.',
    labels: ['stage'],
  },
  shoal_restarts_total: {
    kind: 'counter',
    help: 'Restarts of a task after an error, by task and error code.',
    labels: ['task', 'code'],
  },
  shoal_lag_events: {
    kind: 'gauge',
    help: 'Committed records behind the end of the partition, by partition.',
    labels: ['partition'],
  },
  shoal_lag_seconds: {
    kind: 'gauge',
    help: 'Age of the oldest record that is not committed, by partition: how long ago, at least, its end of the partition was seen.',
    labels: ['partition'],
  },
  shoal_expired_events_total: {
    kind: 'counter',
    help: 'Offsets that retention deleted before they were read, by topic and partition.',
    labels: ['topic', 'partition'],
  },
  shoal_updates_folded_total: {
    kind: 'counter',
    help: 'model-updates records folded into published versions.',
    labels: [],
  },
  shoal_updates_refused_total: {
    kind: 'counter',
    help: 'Records of model-updates that taught nothing, by reason: damaged, of another life of the model, or learned before.',
    labels: ['reason'],
  },
  shoal_cluster_changes_total: {
    kind: 'counter',
    help: 'Clusters that came to be or are no more, in published versions, by kind: born, split, merged, dropped, reseeded, restored, undone.',
    labels: ['kind'],
  },
  shoal_commands_total: {
    kind: 'counter',
    help: 'Commands that were come to in published versions, by kind and outcome (obeyed, refused).',
    labels: ['kind', 'outcome'],
  },
  shoal_learning_frozen: {
    kind: 'gauge',
    help: '1 while the newest version learns nothing until it is resumed, else 0.',
    labels: [],
  },
  shoal_drift_events_total: {
    kind: 'counter',
    help: 'Drifts told in published versions, by kind; cleared: that one is over.',
    labels: ['kind'],
  },
  shoal_drift_open: {
    kind: 'gauge',
    help: 'Drifts that are open in the newest version, by severity.',
    labels: ['severity'],
  },
  shoal_drift_open_windows: {
    kind: 'gauge',
    help: 'Windows since the drift that is open was found; 0 while none is.',
    labels: [],
  },
  shoal_drift_statistic: {
    kind: 'gauge',
    help: 'What a detector saw in the newest window; of the sequential tests (fit, anomalies, segments) the logarithm of their wealth, of centroids the blocks in a row that one was away.',
    labels: ['detector'],
  },
  shoal_drift_threshold: { kind: 'gauge', help: 'What that must be above, at least.', labels: ['detector'] },
  shoal_drift_feature_distance: {
    kind: 'gauge',
    help: 'How far the values of a feature in the newest window are from the reference, 0 to 1.',
    labels: ['feature'],
  },
  shoal_drift_window_events: {
    kind: 'gauge',
    help: 'Events learned since the last window was closed.',
    labels: [],
  },
  shoal_drift_reference_events: { kind: 'gauge', help: 'Events of the reference.', labels: [] },
  shoal_drift_known_phases: {
    kind: 'gauge',
    help: 'Hours of the day whose usual look is known, of 24: a daily cycle is no drift in those.',
    labels: [],
  },
  shoal_quality_version: {
    kind: 'gauge',
    help: 'Version whose clusters were assessed last: what the metrics of quality, of shares and of idle clusters say is of it.',
    labels: [],
  },
  shoal_quality_silhouette: {
    kind: 'gauge',
    help: 'Simplified silhouette of the clusters: 1 well apart, 0 one over another.',
    labels: [],
  },
  shoal_quality_davies_bouldin: {
    kind: 'gauge',
    help: 'Davies-Bouldin index of the clusters: 0 is best.',
    labels: [],
  },
  shoal_quality_unexplained_ratio: {
    kind: 'gauge',
    help: 'Inertia about the clusters over that about the mean of all events.',
    labels: [],
  },
  shoal_quality_refit_ratio: {
    kind: 'gauge',
    help: 'Inertia about the clusters that served before the last upkeep over that about refitted ones.',
    labels: [],
  },
  shoal_quality_stability: {
    kind: 'gauge',
    help: 'Adjusted Rand index of the clusters of sampled events with those of the assessment before: 1 the same, 0 unrelated.',
    labels: [],
  },
  shoal_cluster_share: {
    kind: 'gauge',
    help: 'Share of the events that the smallest, the median and the largest cluster has.',
    labels: ['size'],
  },
  shoal_cluster_size_ratio: {
    kind: 'gauge',
    help: 'Share of the events that a cluster has in the newest version, of the 32 largest, by its stable id.',
    labels: ['cluster'],
  },
  shoal_clusters: { kind: 'gauge', help: 'Clusters of the newest version.', labels: [] },
  shoal_clusters_effective: {
    kind: 'gauge',
    help: 'Clusters of one size that would be as even: e to the entropy of their shares.',
    labels: [],
  },
  shoal_clusters_idle: {
    kind: 'gauge',
    help: 'Clusters without an event left (empty), and others with less than a hundredth of what the largest has (starved).',
    labels: ['state'],
  },
  shoal_reservoir_rows: {
    kind: 'gauge',
    help: 'Rows in the sample by which the newest published version judges its clusters.',
    labels: [],
  },
  shoal_models_refused_total: {
    kind: 'counter',
    help: 'Records of models that were passed over, by error code; the version before them is used.',
    labels: ['code'],
  },
  shoal_model_version: { kind: 'gauge', help: 'Newest model version that this process has seen.', labels: [] },
  shoal_model_published_timestamp_seconds: { kind: 'gauge', help: 'When that version was published.', labels: [] },
  shoal_model_bytes: { kind: 'gauge', help: 'Size of that version as a record of models.', labels: [] },
  shoal_model_trained_events: { kind: 'gauge', help: 'Events that it has learned from.', labels: [] },
  shoal_remoteness: {
    kind: 'gauge',
    help: 'Remoteness (the distance that the score is taken from, in spreads) below which this share of the recent events lies.',
    labels: ['share'],
  },
  shoal_anomaly_budget_ratio: {
    kind: 'gauge',
    help: 'Share of the events that may be called anomalous by that version.',
    labels: [],
  },
  shoal_snapshot_version: {
    kind: 'gauge',
    help: 'Newest version in the snapshot store, as far as this process knows.',
    labels: [],
  },
  shoal_snapshot_published_timestamp_seconds: {
    kind: 'gauge',
    help: 'When that version was published.',
    labels: [],
  },
  shoal_snapshot_bytes: {
    kind: 'gauge',
    help: 'Size of the snapshot that this process wrote last.',
    labels: [],
  },
  shoal_snapshot_failures_total: {
    kind: 'counter',
    help: 'Snapshot writes or reads that failed, by error code.',
    labels: ['code'],
  },
  shoal_profiles: {
    kind: 'gauge',
    help: 'Entity profiles that this process keeps, over its partitions.',
    labels: [],
  },
  shoal_profiles_bytes: { kind: 'gauge', help: 'Memory that they take.', labels: [] },
  shoal_profiles_written_total: {
    kind: 'counter',
    help: 'Profiles written in committed transactions: one for each entity that a transaction touched.',
    labels: [],
  },
  shoal_profiles_evicted_total: {
    kind: 'counter',
    help: 'Profiles given up because a partition had profiles.limit of them.',
    labels: [],
  },
  shoal_profiles_refused_total: {
    kind: 'counter',
    help: 'Records of the topic of profiles that were passed over in a restore, by reason; their entities began anew.',
    labels: ['reason'],
  },
  shoal_profile_restores_total: {
    kind: 'counter',
    help: 'Partitions whose profiles were read back from their topic.',
    labels: [],
  },
  shoal_profile_restore_seconds: {
    kind: 'histogram',
    help: 'Time to read the profiles of a partition back.',
    labels: [],
    buckets: secondsBuckets,
  },
  shoal_profile_restore_left: {
    kind: 'gauge',
    help: 'Offsets of the topic of profiles that are left to read before the partition is scored, by partition.',
    labels: ['partition'],
  },
  shoal_profile_foreign_keys_total: {
    kind: 'counter',
    help: 'Events whose record key was not the one that their entity (profiles.key) had come with before: producers do not key by it.',
    labels: [],
  },
  shoal_primary_partitions: {
    kind: 'gauge',
    help: 'Partitions held by this process whose outputs its deployment writes; of those that it holds besides, it is a shadow.',
    labels: [],
  },
  shoal_shadow_lag_events: {
    kind: 'gauge',
    help: 'Offsets that a shadow is behind the position of the primary, by partition of this process.',
    labels: ['partition'],
  },
  shoal_hand_overs_total: {
    kind: 'counter',
    help: 'Partitions whose outputs this process has handed over to another deployment.',
    labels: [],
  },
  shoal_throttled_seconds_total: {
    kind: 'counter',
    help: 'Time for which brokers have asked this process to hold back because of a quota, over all connections.',
    labels: [],
  },
  shoal_dependency_requests_total: {
    kind: 'counter',
    help: 'Requests by dependency (kafka, redis, registry), kind of request and outcome: answered, or failed without an answer. An answer may be a refusal.',
    labels: ['dependency', 'request', 'outcome'],
  },
  shoal_dependency_request_seconds: {
    kind: 'histogram',
    help: 'Time from a request to its answer. Fetch, JoinGroup and SyncGroup are held back by the broker until there is something to say.',
    labels: ['dependency', 'request'],
    buckets: secondsBuckets,
  },
  shoal_dependency_requests_in_flight: {
    kind: 'gauge',
    help: 'Requests that are not answered yet.',
    labels: ['dependency', 'request'],
  },
  shoal_problem: {
    kind: 'gauge',
    help: '1 while this part of the process, or what it depends on, has a problem; 0 when it is over. /health/ready says which.',
    labels: ['part'],
  },
  shoal_build_info: {
    kind: 'gauge',
    help: '1. The labels say which model this is, by which release, on which Node, and the fingerprint of its configuration.',
    labels: ['name', 'release', 'node', 'fingerprint'],
  },
  shoal_ready: { kind: 'gauge', help: '1 while the process serves, 0 while it waits or stops.', labels: [] },
} as const satisfies Record<string, Metric>

export type MetricName = keyof typeof metrics
export type LabelsOf<N extends MetricName> = { readonly [L in (typeof metrics)[N]['labels'][number]]: string }
