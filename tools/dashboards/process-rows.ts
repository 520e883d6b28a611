/** Rows about the process and what it depends on. */
import { ofJob, one, type RowPlan, seconds } from './panel-plan.ts'

export const dependencies: RowPlan = {
  title: 'Dependencies',
  panels: [
    {
      title: 'Problems',
      description: '1 while a part has one: /health/ready has the words.',
      unit: 'short',
      queries: one(`max by (part) (shoal_problem${ofJob})`, '{{part}}'),
    },
    {
      title: 'Requests',
      description: 'By dependency and kind.',
      unit: 'reqps',
      queries: one(
        `sum by (dependency, request) (rate(shoal_dependency_requests_total${ofJob}[$__rate_interval]))`,
        '{{dependency}} {{request}}',
      ),
    },
    {
      title: 'Requests without an answer',
      description: 'Of all to that dependency.',
      unit: 'percentunit',
      queries: one(`job:shoal_dependency_failures:ratio_rate5m${ofJob}`, '{{dependency}}'),
    },
    {
      title: 'Time to an answer',
      description:
        '95 of 100. Fetch, JoinGroup and SyncGroup are held back by the broker until there is something to say.',
      unit: 's',
      queries: one(
        seconds(
          'shoal_dependency_request_seconds',
          ',request!~"Fetch|JoinGroup|SyncGroup"',
          'dependency, request',
          0.95,
        ),
        '{{dependency}} {{request}}',
      ),
    },
    {
      title: 'Requests in flight',
      description: 'Sent, and not answered yet.',
      unit: 'short',
      queries: one(`sum by (dependency) (shoal_dependency_requests_in_flight${ofJob})`, '{{dependency}}'),
    },
    {
      title: 'Held back by quotas',
      description: 'Seconds in a second for which brokers have asked to send nothing.',
      unit: 'short',
      queries: one(`sum by (instance) (rate(shoal_throttled_seconds_total${ofJob}[$__rate_interval]))`, '{{instance}}'),
    },
  ],
}

export const api: RowPlan = {
  title: 'API',
  panels: [
    {
      title: 'Requests',
      description: 'By class of status, probes and scrapes included.',
      unit: 'reqps',
      queries: one(`sum by (status) (rate(shoal_http_requests_total${ofJob}[$__rate_interval]))`, '{{status}}'),
    },
    {
      title: 'Failed requests',
      description: 'Answered with a status of 500 or above, of all but probes.',
      unit: 'percentunit',
      limit: 0.01,
      queries: one(`job:shoal_http_failures:ratio_rate5m${ofJob}`, '{{job}}'),
    },
    {
      title: 'Time to the end of an answer',
      description: '95 of 100, by route.',
      unit: 's',
      queries: one(seconds('shoal_http_request_seconds', '', 'route', 0.95), '{{route}}'),
    },
  ],
}

export const processes: RowPlan = {
  title: 'Process',
  panels: [
    {
      title: 'Processor',
      description: 'Seconds of it in a second.',
      unit: 'short',
      queries: one(`rate(process_cpu_seconds_total${ofJob}[$__rate_interval])`, '{{instance}}'),
    },
    {
      title: 'Memory',
      description: 'Resident, and what of it is heap and memory outside the heap.',
      unit: 'bytes',
      queries: [
        { expr: `process_resident_memory_bytes${ofJob}`, legend: '{{instance}} resident' },
        { expr: `nodejs_heap_size_used_bytes${ofJob}`, legend: '{{instance}} heap' },
        { expr: `nodejs_external_memory_bytes${ofJob}`, legend: '{{instance}} outside' },
      ],
    },
    {
      title: 'Delay of the event loop',
      description:
        'The longest between two scrapes, and 99 of 100. A delay beyond the session timeout costs the place in the group.',
      unit: 's',
      queries: [
        { expr: `nodejs_eventloop_lag_max_seconds${ofJob}`, legend: '{{instance}} longest' },
        { expr: `nodejs_eventloop_lag_p99_seconds${ofJob}`, legend: '{{instance}} 99 %' },
      ],
    },
    {
      title: 'Garbage collection',
      description: 'Seconds of it in a second.',
      unit: 'short',
      queries: one(
        `sum by (instance, kind) (rate(nodejs_gc_duration_seconds_sum${ofJob}[$__rate_interval]))`,
        '{{instance}} {{kind}}',
      ),
    },
    {
      title: 'Restarts in an hour',
      description: 'Of tasks within a process, by error code.',
      unit: 'short',
      queries: one(`sum by (task, code) (increase(shoal_restarts_total${ofJob}[1h])) > 0`, '{{task}} {{code}}'),
    },
    {
      title: 'Releases',
      description: 'Which release runs with which configuration.',
      unit: 'short',
      queries: one(
        `count by (release, node, fingerprint) (shoal_build_info${ofJob})`,
        '{{release}} node {{node}} {{fingerprint}}',
      ),
    },
  ],
}
