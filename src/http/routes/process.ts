/** The process and its stream: status, partitions, the last minutes, the configuration. */
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Beat } from '../../runtime/insight/pulse.ts'
import { type ApiOf, apiOf } from '../api.ts'
import { statusOf, statusSchema } from '../status.ts'
import { described } from './route.ts'

const partition = z.object({
  partition: z.int(),
  position: z.int().meta({ description: 'Next offset that the group will read.' }),
  end: z.int().meta({ description: 'End of the partition.' }),
  lagEvents: z.int(),
  lagSeconds: z.number().meta({ description: 'Age of the oldest unread event, as this process has seen it.' }),
  eventsPerSecond: z.number().meta({ description: 'That the group has committed.' }),
  writtenPerSecond: z.number().meta({ description: 'That producers have written.' }),
})

export type PartitionView = z.output<typeof partition>

const series = () => z.array(z.number().nullable())
const history = z
  .object({
    atMs: z.array(z.number()).meta({ description: 'One point a second, oldest first.' }),
    eventsPerSecond: series(),
    writtenPerSecond: series(),
    lagEvents: series(),
    lagSeconds: series(),
    transactionMsP50: series().meta({ description: 'First read of a batch to its commit, in this process.' }),
    transactionMsP99: series(),
    transactionsPerSecond: series().meta({ description: 'That this process has committed, over the last seconds.' }),
    version: series(),
    anomalyShare: series(),
    unexplained: series(),
    silhouette: series(),
    shares: z
      .array(z.object({ id: z.int(), values: series() }))
      .meta({ description: 'Shares by cluster, the largest first.' }),
    detectors: z
      .array(z.object({ detector: z.string(), statistics: series(), thresholds: series() }))
      .meta({ description: "Each detector's statistic of the newest window, above whose threshold it tells a drift." }),
  })
  .meta({ id: 'History', description: 'The last minutes; null: not known then.' })

export type History = z.output<typeof history>

const seconds = z.object({
  seconds: z.coerce.number().int().min(1).max(900).default(300).meta({ description: 'How far back.' }),
})

export function addProcessRoutes(app: FastifyInstance, api: ApiOf): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const tags = ['process']
  routes.get(
    '/v1/status',
    described(
      'read',
      { operationId: 'getStatus', summary: 'Whether it is well, in one answer', tags },
      { 200: statusSchema },
    ),
    async () => statusOf(apiOf(api())),
  )
  routes.get(
    '/v1/partitions',
    described(
      'read',
      { operationId: 'listPartitions', summary: 'How far the group is with each partition', tags },
      { 200: z.object({ partitions: z.array(partition) }) },
    ),
    async () => ({
      partitions: apiOf(api())
        .service.insight.partitions.all()
        .map(({ lagMs, readPerSecond, ...state }) => ({
          ...state,
          lagSeconds: lagMs / 1000,
          eventsPerSecond: readPerSecond,
        })),
    }),
  )
  routes.get(
    '/v1/history',
    described(
      'read',
      { operationId: 'getHistory', summary: 'The last minutes, second by second', tags, querystring: seconds },
      { 200: history },
    ),
    async (request) => historyOf(apiOf(api()).service.insight.pulse.since(request.query.seconds)),
  )
  routes.get(
    '/v1/configuration',
    described(
      'read',
      { operationId: 'getConfiguration', summary: 'What the configuration comes down to, without its secrets', tags },
      { 200: z.record(z.string(), z.unknown()) },
    ),
    async () => ({ ...apiOf(api()).configuration }),
  )
}

function historyOf(beats: readonly Beat[]): History {
  const of = <K extends keyof Beat>(key: K) => beats.map((beat) => beat[key])
  const last = beats.at(-1)?.shares ?? new Map<number, number>()
  const ids = new Set([...last.keys(), ...beats.flatMap(({ shares }) => [...shares.keys()])])
  return {
    atMs: of('atMs'),
    eventsPerSecond: of('eventsPerSecond'),
    writtenPerSecond: of('writtenPerSecond'),
    lagEvents: of('lagEvents'),
    lagSeconds: beats.map(({ lagMs }) => (lagMs === null ? null : lagMs / 1000)),
    transactionMsP50: of('transactionMsP50'),
    transactionMsP99: of('transactionMsP99'),
    transactionsPerSecond: of('transactionsPerSecond'),
    version: of('version'),
    anomalyShare: of('anomalyShare'),
    unexplained: of('unexplained'),
    silhouette: of('silhouette'),
    shares: [...ids].map((id) => ({ id, values: beats.map(({ shares }) => shares.get(id) ?? null) })),
    detectors: detectorsOf(beats),
  }
}

function detectorsOf(beats: readonly Beat[]): History['detectors'] {
  const names = new Set(beats.flatMap(({ standings }) => standings.map(({ detector }) => detector)))
  return [...names].map((detector) => {
    const own = beats.map(({ standings }) => standings.find((of) => of.detector === detector))
    return {
      detector,
      statistics: own.map((of) => finite(of?.statistic)),
      thresholds: own.map((of) => finite(of?.threshold)),
    }
  })
}

/** JSON has no infinity. */
function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}
