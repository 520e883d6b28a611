/** All routes of the API, and its document. */
import fastify, { type FastifyInstance } from 'fastify'
import type { Gatekeeper } from '../access/gatekeeper.ts'
import type { ApiOf } from '../api.ts'
import { describeRoutes } from '../open-api.ts'
import { addAuditRoutes } from './audit.ts'
import { addCommandRoutes } from './commands.ts'
import { addEventRoutes } from './events.ts'
import { addModelRoutes } from './model.ts'
import { addDocumentRoute } from './open-api.ts'
import { addProcessRoutes } from './process.ts'
import { addProfileRoutes } from './profiles.ts'
import { addPromotionRoutes } from './promotion.ts'
import { addScoreRoutes } from './score.ts'
import { addToldRoutes } from './told.ts'

export async function addApiRoutes(
  app: FastifyInstance,
  api: ApiOf,
  gatekeeper: Pick<Gatekeeper, 'isAsking'>,
): Promise<void> {
  await app.register(async (routes) => addScoreRoutes(routes, api))
  await app.register(async (routes) => {
    addModelRoutes(routes, api)
    addProcessRoutes(routes, api)
    addProfileRoutes(routes, api)
    addToldRoutes(routes, api)
    addCommandRoutes(routes, api, gatekeeper)
    addPromotionRoutes(routes, api, gatekeeper)
    addAuditRoutes(routes, api)
    addEventRoutes(routes, api)
    addDocumentRoute(routes)
  })
}

/** The OpenAPI document, without a server. */
export async function apiDocument(release: string): Promise<object> {
  const app = fastify()
  try {
    await describeRoutes(app, release)
    await addApiRoutes(app, () => null, { isAsking: true })
    await app.ready()
    return app.swagger()
  } finally {
    await app.close()
  }
}
