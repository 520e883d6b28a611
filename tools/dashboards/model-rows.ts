/** Rows about the model: what it learns, whether the stream has changed, and how good its clusters are. */
import { ofJob, one, type RowPlan } from './panel-plan.ts'

export const learning: RowPlan = {
  title: 'Learning',
  panels: [
    {
      title: 'Version',
      description: 'Newest version, in the log and in the snapshot store.',
      unit: 'short',
      queries: [
        { expr: `max(shoal_model_version${ofJob})`, legend: 'log' },
        { expr: `max(shoal_snapshot_version${ofJob})`, legend: 'snapshot' },
      ],
    },
    {
      title: 'Snapshot behind the model',
      description: 'How much older the version in the store is than the newest.',
      unit: 's',
      limit: 300,
      queries: one(`job:shoal_snapshot_behind_seconds:min${ofJob}`),
    },
    {
      title: 'Sizes of clusters',
      description: 'Share of the events, of the 32 largest by their stable ids.',
      unit: 'percentunit',
      queries: one(`max by (cluster) (shoal_cluster_size_ratio${ofJob})`, '{{cluster}}'),
    },
    {
      title: 'What became of clusters',
      description: 'Born, split, merged, dropped, in an hour.',
      unit: 'short',
      queries: one(`sum by (kind) (increase(shoal_cluster_changes_total${ofJob}[1h])) > 0`, '{{kind}}'),
    },
    {
      title: 'Updates',
      description: 'Records of model-updates that taught, and that did not.',
      unit: 'short',
      queries: [
        { expr: `sum(rate(shoal_updates_folded_total${ofJob}[$__rate_interval]))`, legend: 'folded' },
        {
          expr: `sum by (reason) (rate(shoal_updates_refused_total${ofJob}[$__rate_interval]))`,
          legend: 'refused: {{reason}}',
        },
      ],
    },
    {
      title: 'Frozen, and commands in an hour',
      description: '1 while nothing is learned until it is resumed.',
      unit: 'short',
      queries: [
        { expr: `max(shoal_learning_frozen${ofJob})`, legend: 'frozen' },
        {
          expr: `sum by (kind, outcome) (increase(shoal_commands_total${ofJob}[1h])) > 0`,
          legend: '{{kind}} {{outcome}}',
        },
      ],
    },
  ],
}

export const drift: RowPlan = {
  title: 'Drift',
  panels: [
    {
      title: 'Open drifts',
      description: 'By severity.',
      unit: 'short',
      queries: one(`max by (severity) (shoal_drift_open${ofJob})`, '{{severity}}'),
    },
    {
      title: 'Features beside the reference',
      description: '0: distributed as they were; 1: no value in common.',
      unit: 'short',
      limit: 0.2,
      queries: one(`job:shoal_drift_feature_distance:max${ofJob}`, '{{feature}}'),
    },
    {
      title: 'How near the detectors are',
      description: 'What each saw in the newest window, over what it must be above: a drift is told from 1 on.',
      unit: 'short',
      limit: 1,
      queries: one(`max by (detector) (shoal_drift_statistic${ofJob} / shoal_drift_threshold${ofJob})`, '{{detector}}'),
    },
    {
      title: 'Drifts told in a day',
      description: 'By kind: docs/drift.md says what each means.',
      unit: 'short',
      queries: one(`sum by (kind) (increase(shoal_drift_events_total${ofJob}[1d])) > 0`, '{{kind}}'),
    },
  ],
}

export const quality: RowPlan = {
  title: 'Quality',
  panels: [
    {
      title: 'Unexplained',
      description:
        'Inertia about the clusters over that about the mean of all events: the share of the variance that is left.',
      unit: 'percentunit',
      queries: one(`job:shoal_quality_unexplained_ratio:max${ofJob}`),
    },
    {
      title: 'Silhouette and stability',
      description: '1: clusters well apart, and the same as at the assessment before.',
      unit: 'short',
      queries: [
        { expr: `max(shoal_quality_silhouette${ofJob})`, legend: 'silhouette' },
        { expr: `max(shoal_quality_stability${ofJob})`, legend: 'stability' },
      ],
    },
    {
      title: 'Beside refitted clusters',
      description: 'Inertia about the clusters over that about refitted ones: well above 1, better ones could be had.',
      unit: 'short',
      queries: one(`max(shoal_quality_refit_ratio${ofJob})`),
    },
    {
      title: 'Remoteness',
      description: 'In spreads: this share of the recent events is less remote.',
      unit: 'short',
      queries: one(`max by (share) (shoal_remoteness${ofJob})`, '{{share}}'),
    },
    {
      title: 'Anomalies',
      description: 'Share of the events, beside the budget.',
      unit: 'percentunit',
      queries: [
        {
          expr: `sum(rate(shoal_anomalies_total${ofJob}[$__rate_interval])) / sum(rate(shoal_events_total${ofJob}[$__rate_interval]))`,
          legend: 'anomalous',
        },
        { expr: `max(shoal_anomaly_budget_ratio${ofJob})`, legend: 'budget' },
      ],
    },
    {
      title: 'Clusters',
      description: 'How many there are, as how many even ones they count, and how many have no work.',
      unit: 'short',
      queries: [
        { expr: `max(shoal_clusters${ofJob})`, legend: 'clusters' },
        { expr: `max(shoal_clusters_effective${ofJob})`, legend: 'effective' },
        { expr: `max by (state) (shoal_clusters_idle${ofJob})`, legend: '{{state}}' },
      ],
    },
  ],
}
