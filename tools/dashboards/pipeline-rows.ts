/** Rows about events: whether they are scored, how fast, and how far behind. */
import { ofJob, one, type RowPlan, seconds } from './panel-plan.ts'

export const health: RowPlan = {
  title: 'Health',
  panels: [
    {
      title: 'Ready',
      description: 'Processes that serve, of those that are seen.',
      unit: 'short',
      as: 'number',
      queries: [
        { expr: `sum(shoal_ready${ofJob})`, legend: 'ready' },
        { expr: `count(shoal_ready${ofJob})`, legend: 'of' },
      ],
    },
    {
      title: 'Events a second',
      description: 'Valid events that were scored and committed.',
      unit: 'short',
      as: 'number',
      queries: one(`sum(job:shoal_events:rate5m${ofJob})`),
    },
    {
      title: 'Lag',
      description: 'How long the oldest event that is not scored has been waiting.',
      unit: 's',
      as: 'number',
      limit: 60,
      queries: one(`max(job:shoal_lag_seconds:max${ofJob})`),
    },
    {
      title: 'Age of the model',
      description: 'Since the newest version was published.',
      unit: 's',
      as: 'number',
      limit: 600,
      queries: one(`max(job:shoal_model_age_seconds:min${ofJob})`),
    },
    {
      title: 'Anomalies beside the budget',
      description: '1: as many events are called anomalous as anomalies.budget says.',
      unit: 'short',
      as: 'number',
      limit: 3,
      queries: one(`max(job:shoal_anomalies:of_budget_rate30m${ofJob})`),
    },
    {
      title: 'Critical drifts open',
      description: 'shoal drift --open says what has changed.',
      unit: 'short',
      as: 'number',
      limit: 1,
      queries: one(`max(shoal_drift_open{job=~"$job",severity="critical"})`),
    },
  ],
}

export const pipeline: RowPlan = {
  title: 'Pipeline',
  panels: [
    {
      title: 'Events',
      description: 'What became of events, in committed transactions.',
      unit: 'short',
      queries: [
        { expr: `sum(rate(shoal_events_total${ofJob}[$__rate_interval]))`, legend: 'scored' },
        { expr: `sum(rate(shoal_anomalies_total${ofJob}[$__rate_interval]))`, legend: 'anomalous' },
        { expr: `sum(rate(shoal_dead_letters_total${ofJob}[$__rate_interval]))`, legend: 'dead letters' },
      ],
    },
    {
      title: 'Lag in events',
      description: 'Records between the committed position and the end, by partition.',
      unit: 'short',
      queries: [
        { expr: `job:shoal_lag_events:sum${ofJob}`, legend: 'all' },
        { expr: `max by (partition) (shoal_lag_events${ofJob})`, legend: 'partition {{partition}}' },
      ],
    },
    {
      title: 'Lag in seconds',
      description: 'How long ago the oldest record that is not committed was first seen, by partition.',
      unit: 's',
      limit: 60,
      queries: one(`max by (partition) (shoal_lag_seconds${ofJob})`, 'partition {{partition}}'),
    },
    {
      title: 'Lag of a shadow',
      description:
        'Offsets that it is behind the position of the primary, by partition. Only a deployment in a shadow has it.',
      unit: 'short',
      limit: 10_000,
      queries: [
        { expr: `job:shoal_shadow_lag_events:sum${ofJob}`, legend: 'all' },
        { expr: `max by (partition) (shoal_shadow_lag_events${ofJob})`, legend: 'partition {{partition}}' },
      ],
    },
    {
      title: 'From read to commit',
      description: 'Of batches of the score stage. The alert looks at 95 of 100.',
      unit: 's',
      limit: 0.2,
      queries: [
        { expr: `job:shoal_score_latency_seconds:p50_5m${ofJob}`, legend: '50 %' },
        { expr: `job:shoal_score_latency_seconds:p95_5m${ofJob}`, legend: '95 %' },
        { expr: seconds('shoal_transaction_seconds', ',stage="score"', 'job', 0.99), legend: '99 %' },
      ],
    },
    {
      title: 'Computing a batch',
      description: 'Without the log, 95 of 100.',
      unit: 's',
      queries: one(seconds('shoal_batch_seconds', '', 'stage', 0.95), '{{stage}}'),
    },
    {
      title: 'Records of a batch',
      description: 'The mean: events of the score stage, updates of the train stage.',
      unit: 'short',
      queries: one(
        `sum by (stage) (rate(shoal_batch_events_sum${ofJob}[$__rate_interval])) / sum by (stage) (rate(shoal_batch_events_count${ofJob}[$__rate_interval]))`,
        '{{stage}}',
      ),
    },
    {
      title: 'Transactions',
      description: 'By how they ended.',
      unit: 'short',
      queries: one(
        `sum by (stage, outcome) (rate(shoal_transactions_total${ofJob}[$__rate_interval]))`,
        '{{stage}} {{outcome}}',
      ),
    },
    {
      title: 'Busy',
      description:
        'Share of the time in which a process computes or waits for commits: at 1 it can take no more events.',
      unit: 'percentunit',
      limit: 0.95,
      queries: one(`instance:shoal_score_busy:ratio_rate5m${ofJob}`, '{{instance}}'),
    },
    {
      title: 'Dead letters',
      description: 'By reason: docs/errors.md says what each means.',
      unit: 'short',
      queries: one(`sum by (reason) (rate(shoal_dead_letters_total${ofJob}[$__rate_interval])) > 0`, '{{reason}}'),
    },
    {
      title: 'Partitions and rebalances',
      description: 'What each process works on, and how often that changed in five minutes.',
      unit: 'short',
      queries: [
        { expr: `shoal_partitions{job=~"$job",stage="score"}`, legend: '{{instance}}' },
        { expr: `sum(increase(shoal_rebalances_total{job=~"$job",stage="score"}[5m]))`, legend: 'changes' },
      ],
    },
  ],
}
