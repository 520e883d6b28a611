/**
 * What the topics and the group's positions say, and whether the servers answer this command: it needs no process that
 * answers, and so cannot say how one is.
 */
import { release } from '../../compose.ts'
import { openFindings } from '../../core/drift/standing.ts'
import { ownAnomalies } from '../../http/own-anomalies.ts'
import { statusOf } from '../../http/status.ts'
import { explain } from '../../runtime/configuration/explain.ts'
import { ShoalError } from '../../runtime/errors.ts'
import { Health } from '../../runtime/health.ts'
import { Insight } from '../../runtime/insight/insight.ts'
import { newestRecords } from '../../runtime/insight/newest-records.ts'
import { reportLag } from '../../runtime/lag.ts'
import type { ModelFollower } from '../../runtime/model-follower.ts'
import type { EventLog } from '../../runtime/ports.ts'
import type { ServiceSettings } from '../../runtime/service.ts'
import { anomalyView } from '../../runtime/views/anomaly-view.ts'
import { clusterViews } from '../../runtime/views/cluster-view.ts'
import { featureViews } from '../../runtime/views/model-view.ts'
import { eventOf } from '../../stages/drift-records.ts'
import type { AnomalyValue } from '../../stages/score.ts'
import { type CliContext, withOpen } from '../context.ts'
import { withFollower, withPrimaries } from '../following.ts'
import { serverLook } from './servers.ts'
import type { Watch } from './watch.ts'

/** A rate takes two looks, a second apart. */
const firstRateMs = 15_000
const pollMs = 50

export async function withTopicWatch<R>(
  context: CliContext,
  config: string | undefined,
  work: (watch: Watch) => Promise<R>,
): Promise<R | null> {
  const configuration = await context.loadConfiguration(config)
  const settings = context.settingsOf(configuration)
  const explanation = explain(configuration)
  return withOpen(context.openLog(configuration), (log) =>
    withOpen(context.openRegistry(configuration), (registry) =>
      withFollower(context, settings, log, (follower, over) =>
        withPrimaries(context, settings, log, over, async (primaries) => {
          const { clock, telemetry } = context
          const health = new Health(telemetry, clock)
          const insight = new Insight(follower, clock)
          const snapshots = context.openSnapshots(configuration)
          const lookAtServers = serverLook(context, configuration, snapshots, health)
          const enough = new AbortController()
          const watching = AbortSignal.any([over, enough.signal])
          const lagging = { group: settings.name, topic: settings.topics.input, log, clock, telemetry, health }
          const beside = [
            reportLag({ ...lagging, partitions: insight.partitions }, watching),
            insight.pulse.run(watching),
          ]
          try {
            await follower.upToDate(over)
            await primaries.upToDate(over)
            health.running()
            await firstRate(insight, context, watching)
            if (over.aborted) return null
            const read = context.reader('anomaly', registry)
            const service = { health, follower, insight, primaries }
            const stated = { settings, configuration: explanation, release: release(), clock, service }
            return await work({
              status: async () => {
                if (follower.current() !== null) health.modelKnown()
                await lookAtServers()
                return statusOf(stated)
              },
              ...readings({ log, settings, follower, read, over, anomalies: () => ownAnomalies(stated) }),
            })
          } finally {
            enough.abort()
            await Promise.all([...beside, snapshots?.close()])
          }
        }),
      ),
    ),
  )
}

interface Readings {
  readonly log: EventLog
  readonly settings: ServiceSettings
  readonly follower: ModelFollower
  readonly read: ReturnType<CliContext['reader']>
  readonly over: AbortSignal
  /** The topic of those that it finds. */
  readonly anomalies: () => string
}

function readings({ log, settings, follower, read, over, anomalies }: Readings): Omit<Watch, 'status'> {
  const { plan } = settings
  return {
    async clusters() {
      const model = follower.current()?.scorer.model
      return { features: featureViews(plan), clusters: model === undefined ? [] : clusterViews(model, plan) }
    },
    async anomalies(most) {
      const records = await newestRecords(log, anomalies(), most, over)
      const values = (await read(records.map(({ value }) => value))) as AnomalyValue[]
      return values.map((value, i) => anomalyView(value, records[i], plan))
    },
    async drifts() {
      const model = follower.current()?.scorer.model
      if (model === undefined) return []
      return openFindings(model.drift).map((finding) => {
        const { kind, message } = eventOf(finding, plan, model)
        return { kind, severity: finding.severity, message }
      })
    },
  }
}

/** Waits until there is a rate, or throws what keeps the log from answering. */
async function firstRate({ partitions, pulse }: Insight, { clock }: CliContext, signal: AbortSignal): Promise<void> {
  const until = clock.now() + firstRateMs
  const looks = new Set<number>()
  let seenAtMs = Number.POSITIVE_INFINITY
  while (!signal.aborted && clock.now() < until) {
    if (!Number.isNaN(partitions.seenMs)) looks.add(partitions.seenMs)
    if (looks.size === 2 && seenAtMs === Number.POSITIVE_INFINITY) seenAtMs = clock.date()
    if ((pulse.since(1).at(-1)?.atMs ?? 0) > seenAtMs) return
    await clock.sleep(pollMs, signal)
  }
  if (looks.size === 0 && !signal.aborted) {
    throw new ShoalError(
      'log.unavailable',
      `the group's positions must be known within ${firstRateMs} ms: they are not`,
    )
  }
}
