/** Whether the process is well, in one answer: what a person on call sees first. */
import { z } from 'zod'
import { recentAnomalyShare } from '../core/drift/recent.ts'
import { openFindings } from '../core/drift/standing.ts'
import type { Dependency } from '../runtime/health.ts'
import type { Api } from './api.ts'

const nullable = { events: () => z.number().min(0).nullable() }

export const statusSchema = z
  .object({
    name: z.string().meta({ description: 'Name of the model.' }),
    release: z.string().meta({ description: 'Release of Shoal.' }),
    atMs: z.number().meta({ description: 'When this was so, in ms since the epoch.' }),
    state: z.enum(['starting', 'waiting for a model', 'serving', 'degraded', 'stopping']),
    ready: z.boolean().meta({ description: 'Events are being scored, or would be if there were any.' }),
    reasons: z.array(z.string()).meta({ description: 'What is wrong, by dependency.' }),
    notices: z.array(z.string()).meta({ description: 'What to look at in the events, while the process is well.' }),
    model: z
      .object({
        version: z.int(),
        publishedAtMs: z.number(),
        trainedEvents: z.int(),
        k: z.int().meta({ description: 'Number of clusters.' }),
        budget: z.number().meta({ description: 'Share of events that may be called anomalous.' }),
        anomalyShare: z.number().nullable().meta({ description: 'Share of the last events that were.' }),
        frozen: z.boolean().meta({ description: 'Whether nothing is learned.' }),
      })
      .nullable()
      .meta({ description: 'Null: none is born yet.' }),
    role: z
      .object({
        primaryOf: z.int().meta({ description: 'Partitions whose outputs this deployment writes.' }),
        partitions: z.int(),
        shadows: z.array(z.string()).meta({ description: 'The deployments that write those of the others.' }),
      })
      .nullable()
      .meta({ description: 'How it stands to other deployments of the same outputs; null: there is none.' }),
    birth: z
      .object({ events: z.int(), of: z.int() })
      .nullable()
      .meta({ description: 'Events found of those that a model is to be born from; null: not in this process.' }),
    throughput: z.object({
      eventsPerSecond: nullable.events().meta({ description: 'That the group has committed; null: not known.' }),
      writtenPerSecond: nullable.events().meta({ description: 'That producers have written.' }),
    }),
    lag: z.object({
      events: nullable.events().meta({ description: 'That are not committed yet, over all partitions.' }),
      seconds: nullable.events().meta({ description: 'Age of the oldest of them, as this process has seen it.' }),
    }),
    drifts: z.object({
      open: z.int().meta({ description: 'Drifts that are open.' }),
      severity: z.enum(['warning', 'critical']).nullable().meta({ description: 'The gravest of them.' }),
    }),
    dependencies: z.array(
      z.object({
        name: z.string(),
        state: z.enum(['well', 'failing', 'unused']),
        sinceMs: z.number().meta({ description: 'Since when, in ms since the epoch.' }),
        reason: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Status' })

export type Status = z.output<typeof statusSchema>

const servers: readonly Dependency[] = ['kafka', 'registry', 'redis']

/** What a status is made of. */
export interface Stated extends Pick<Api, 'configuration' | 'release' | 'clock'> {
  readonly settings: Pick<Api['settings'], 'name' | 'shadow'>
  readonly service: Pick<Api['service'], 'health' | 'follower' | 'insight' | 'primaries'>
}

export function statusOf(of: Stated): Status {
  const { settings, configuration, release, service, clock } = of
  const { health, follower, insight } = service
  const { state, ready, reasons, notices } = health.report()
  const published = follower.current()
  const model = published?.scorer.model ?? null
  const beat = insight.pulse.since(1).at(-1)
  const open = model === null ? [] : openFindings(model.drift)
  const used = {
    kafka: true,
    registry: configuration.servers.registry !== null,
    redis: configuration.servers.redis !== null,
  }
  return {
    name: settings.name,
    release,
    atMs: clock.date(),
    state,
    ready,
    reasons: [...reasons],
    notices: [...notices],
    model:
      published === null || model === null
        ? null
        : {
            version: model.version,
            publishedAtMs: published.publishedAtMs,
            trainedEvents: model.trainedEvents,
            k: model.k,
            budget: model.control.budget,
            anomalyShare: recentAnomalyShare(model.drift),
            frozen: model.control.frozen !== null,
          },
    role: roleOf(of),
    birth: model === null && insight.birth !== null ? { events: insight.birth.events, of: insight.birth.enough } : null,
    throughput: {
      eventsPerSecond: beat?.eventsPerSecond ?? null,
      writtenPerSecond: beat?.writtenPerSecond ?? null,
    },
    lag: { events: beat?.lagEvents ?? null, seconds: beat?.lagMs == null ? null : beat.lagMs / 1000 },
    drifts: { open: open.length, severity: gravest(open.map(({ severity }) => severity)) },
    dependencies: health.dependencies(servers).map(({ name, problem, sinceMs }) => ({
      name,
      state: problem !== null ? 'failing' : name in used && !used[name as keyof typeof used] ? 'unused' : 'well',
      sinceMs,
      reason: problem,
    })),
  }
}

export function roleOf({ settings, service }: Pick<Stated, 'settings' | 'service'>): Status['role'] {
  const { name, shadow } = settings
  const { primaries, insight } = service
  const partitions = insight.partitions.all().length
  const all = Array.from({ length: partitions }, (_, partition) => primaries.of(partition).deployment)
  const others = new Set(all.filter((deployment) => deployment !== name))
  if (shadow.of === null && others.size === 0 && primaries.promotion === null) return null
  return { primaryOf: all.filter((deployment) => deployment === name).length, partitions, shadows: [...others] }
}

function gravest(severities: readonly string[]): Status['drifts']['severity'] {
  if (severities.includes('critical')) return 'critical'
  return severities.length > 0 ? 'warning' : null
}
