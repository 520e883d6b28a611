/** The model: what it is, what it was, and what differs. */
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { openFindings } from '../../core/drift/standing.ts'
import { ShoalError } from '../../runtime/errors.ts'
import type { PublishedModel } from '../../runtime/model-follower.ts'
import { diffView, diffViewSchema, type Told } from '../../runtime/views/diff-view.ts'
import { openDrifts } from '../../runtime/views/drift/present.ts'
import { modelView, modelViewSchema } from '../../runtime/views/model-view.ts'
import { versionViewSchema } from '../../runtime/views/version-view.ts'
import { type Api, type ApiOf, apiOf, servedModel } from '../api.ts'
import { ChartBook } from '../map/chart.ts'
import { drawMap, mapSchema } from '../map/map.ts'
import { Trails, trailsSchema } from '../map/trails.ts'
import { over } from '../over.ts'
import { described } from './route.ts'

const version = z.coerce.number().int().min(1).meta({ description: 'A version that is kept.' })
const page = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'At most so many.' }),
  before: z.coerce.number().int().min(1).optional().meta({ description: 'Only versions before this one.' }),
})

const driftsOfVersion = z.object({
  version: z
    .int()
    .nullable()
    .meta({ description: 'The version that is told of; null: in none of them a drift was open.' }),
  open: z
    .array(z.record(z.string(), z.unknown()))
    .meta({ description: 'As `open` of /v1/drifts, but for what only the topic knows.' }),
})

export function addModelRoutes(app: FastifyInstance, api: ApiOf): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const tags = ['model']
  const charts = new ChartBook()
  const trails = new Trails()
  routes.get(
    '/v1/model',
    described('read', { operationId: 'getModel', summary: 'The version that serves', tags }, { 200: modelViewSchema }),
    async () => modelView(servedModel(apiOf(api())), apiOf(api()).settings),
  )
  routes.get(
    '/v1/model/map',
    described(
      'read',
      {
        operationId: 'getMap',
        summary: 'Clusters and a sample of recent events on a plane',
        description:
          'The plane is that of the principal axes of the first version, and of another one only when a drift has been accepted: a picture does not turn by itself.',
        tags,
      },
      { 200: mapSchema },
    ),
    async (request) => drawMap(apiOf(api()), charts, over(request)),
  )
  routes.get(
    '/v1/trails',
    described(
      'read',
      {
        operationId: 'getTrails',
        summary: 'Where the clusters were over the last hour, on the plane of the map',
        tags,
      },
      { 200: trailsSchema },
    ),
    async (request) => trails.draw(apiOf(api()), charts, over(request)),
  )
  routes.get(
    '/v1/versions',
    described(
      'read',
      { operationId: 'listVersions', summary: 'Published versions, newest first', tags, querystring: page },
      { 200: z.object({ versions: z.array(versionViewSchema) }) },
    ),
    async (request) => {
      const { limit, before = Number.MAX_SAFE_INTEGER } = request.query
      return { versions: [...(await apiOf(api()).service.versions.list(limit, before, over(request)))] }
    },
  )
  routes.get(
    '/v1/versions/:version',
    described(
      'read',
      { operationId: 'getVersion', summary: 'A version that is kept', tags, params: z.object({ version }) },
      { 200: modelViewSchema },
    ),
    async (request) =>
      modelView(await versionOf(apiOf(api()), request.params.version, over(request)), apiOf(api()).settings),
  )
  routes.get(
    '/v1/versions/:version/drifts',
    described(
      'read',
      {
        operationId: 'getDriftsOfVersion',
        summary:
          'Drifts as a version knew them: with how values lay before and after, which is kept only while one is open',
        description: 'Of the newest version up to this one, of the few that are looked at, in which a drift was open.',
        tags,
        params: z.object({ version }),
      },
      { 200: driftsOfVersion },
    ),
    async (request) => {
      const { service, settings } = apiOf(api())
      const isDrifting = ({ scorer }: PublishedModel) => openFindings(scorer.model.drift).length > 0
      const found = await service.versions.newestUpTo(request.params.version, isDrifting, over(request))
      if (found === null) return { version: null, open: [] }
      const { model } = found.scorer
      return { version: model.version, open: openDrifts(model, settings.plan, []).map((open) => ({ ...open })) }
    },
  )
  routes.get(
    '/v1/versions/:version/diff/:other',
    described(
      'read',
      {
        operationId: 'compareVersions',
        summary: 'What differs between two versions',
        tags,
        params: z.object({ version, other: version }),
      },
      { 200: diffViewSchema },
    ),
    async (request) => {
      const from = await toldOf(apiOf(api()), request.params.version, over(request))
      const to = await toldOf(apiOf(api()), request.params.other, over(request))
      return diffView(from, to, apiOf(api()).settings.plan)
    },
  )
}

async function versionOf({ service }: Api, wanted: number, signal: AbortSignal): Promise<PublishedModel> {
  const found = await service.versions.read(wanted, signal)
  if (found === null) throw new ShoalError('version.unknown', `version ${wanted} must be kept: it is not`)
  return found
}

async function toldOf(api: Api, wanted: number, signal: AbortSignal): Promise<Told> {
  const { scorer } = await versionOf(api, wanted, signal)
  const view = api.service.versions.viewOf(wanted)
  if (view === null) throw new ShoalError('version.unknown', `version ${wanted} must be kept: it is not`)
  return { model: scorer.model, view }
}
