/** What has been told of the stream: anomalies and drift, as the topics hold them. */
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ShoalError } from '../../runtime/errors.ts'
import { type NewestRecord, newestRecords } from '../../runtime/insight/newest-records.ts'
import { recordOfEvent } from '../../runtime/insight/record-of-event.ts'
import { anomalyView, anomalyViewSchema } from '../../runtime/views/anomaly-view.ts'
import { driftReport } from '../../runtime/views/drift/report.ts'
import { askedKinds } from '../../runtime/views/drift/told-event.ts'
import { type ApiOf, apiOf } from '../api.ts'
import { over } from '../over.ts'
import { ownAnomalies } from '../own-anomalies.ts'
import { described } from './route.ts'

const sinceMs = z.coerce
  .number()
  .int()
  .min(0)
  .default(0)
  .meta({ description: 'Only what is of this time or later, in ms since the epoch.' })

const anomalyQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'At most so many.' }),
  sinceMs,
  key: z.string().max(1024).optional().meta({ description: 'Only of this record key, among the newest thousand.' }),
})

const driftQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'At most so many events.' }),
  sinceMs,
  kind: z
    .enum(askedKinds as [string, ...string[]])
    .optional()
    .meta({ description: 'Only this kind, or all of a group.' }),
})

const placeOfEvent = z.object({
  partition: z.coerce.number().int().min(0).max(1e6).meta({ description: 'Partition of the event in the input.' }),
  offset: z.coerce.number().int().min(0).meta({ description: 'Offset of the event in that partition.' }),
})

const mostLookedAt = 1000

export function addToldRoutes(app: FastifyInstance, api: ApiOf): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const tags = ['told']
  routes.get(
    '/v1/anomalies',
    described(
      'read',
      { operationId: 'listAnomalies', summary: 'The newest anomalies, newest first', tags, querystring: anomalyQuery },
      { 200: z.object({ anomalies: z.array(anomalyViewSchema) }) },
    ),
    async (request) => {
      const { limit, sinceMs: since, key } = request.query
      const running = apiOf(api())
      const { log, settings, readAnomalies } = running
      const looked = key === undefined ? limit : mostLookedAt
      const records = await newestRecords(log, ownAnomalies(running), looked, over(request))
      const values = await readAnomalies(records.map(({ value }) => value))
      const anomalies = values.flatMap((value, i) =>
        value === null ? [] : [anomalyView(value, records[i], settings.plan)],
      )
      const wanted = anomalies.filter((of) => of.atMs >= since && (key === undefined || of.key === key))
      return { anomalies: wanted.slice(0, limit) }
    },
  )
  routes.get(
    '/v1/anomalies/:partition/:offset',
    described(
      'read',
      {
        operationId: 'getAnomaly',
        summary: 'The anomaly of one event, as long as its record is kept',
        tags,
        params: placeOfEvent,
      },
      { 200: anomalyViewSchema },
    ),
    async (request) => {
      const { partition, offset } = request.params
      const running = apiOf(api())
      const { log, settings, readAnomalies } = running
      const at = { topic: ownAnomalies(running), partition }
      const offsetOf = async ({ value }: NewestRecord) => (await readAnomalies([value]))[0]?.offset ?? null
      const record = await recordOfEvent(log, at, offset, offsetOf, over(request))
      const [value] = record === null ? [] : await readAnomalies([record.value])
      if (record === null || !value) {
        const event = `the event at offset ${offset} of partition ${partition}`
        throw new ShoalError(
          'request.unknown',
          `${event} must have been anomalous, and its record be kept: there is none`,
        )
      }
      return anomalyView(value, record, settings.plan)
    },
  )
  routes.get(
    '/v1/drifts',
    described(
      'read',
      {
        operationId: 'listDrifts',
        summary: 'Drifts that are open, what was told before, and how near the detectors are to another',
        description: 'The same as `shoal drift --json`; events have the fields of schemas/drift-event.avsc.',
        tags,
        querystring: driftQuery,
      },
      { 200: z.record(z.string(), z.unknown()) },
    ),
    async (request) => {
      const { limit, sinceMs: since, kind } = request.query
      const { log, settings, service, readDriftEvents } = apiOf(api())
      const { name, topics, plan } = settings
      const records = await newestRecords(log, topics.driftEvents, mostLookedAt, over(request))
      const read = await readDriftEvents(records.map(({ value }) => value).reverse())
      const told = read.filter((event) => event !== null)
      const known = { name, input: topics.input, modelsTopic: topics.models, plan, told }
      const asked = { sinceMs: since, kinds: kind === undefined ? [] : [kind], open: false, limit }
      return { ...driftReport({ ...known, published: service.follower.current() }, asked) }
    },
  )
}
