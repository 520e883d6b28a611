/** Scoring without Kafka, by the version that serves: one event, or many as lines. */
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ApiOf, apiOf, judgingBy } from '../api.ts'
import { eventLines, oneEvent } from '../scoring/event-lines.ts'
import { judgement, lineOf, refuseInvalid, scoredEvent } from '../scoring/judgement.ts'
import { described, textOf } from './route.ts'

const json = 'application/json'
const ndjson = 'application/x-ndjson'

const event = z
  .record(z.string(), z.unknown())
  .meta({ description: 'An event as the input topic has it, in JSON, whatever the format of the topic.' })

const explained = z.object({
  explain: z
    .enum(['anomalies', 'all', 'none'])
    .default('anomalies')
    .meta({ description: 'Which events come with the features that explain most of their distance.' }),
})

export function addScoreRoutes(app: FastifyInstance, api: ApiOf): void {
  takeBytes(app)
  const tags = ['score']
  app.post(
    '/v1/score',
    described(
      'score',
      { operationId: 'score', summary: 'Score one event', tags, consumes: [json], body: event },
      { 200: scoredEvent },
    ),
    async (request, reply) => {
      const { judge, scorer, warmUp } = judgingBy(apiOf(api()))
      const judged = judge(scorer, oneEvent(request.body as Buffer), 1)
      refuseInvalid(judged, 0)
      return reply.type(json).send(JSON.stringify(judgement(scorer, judged, 0, warmUp, 'all')))
    },
  )
  app.post(
    '/v1/score/batch',
    described(
      'score',
      {
        operationId: 'scoreBatch',
        summary: 'Score many events, one a line',
        description: 'Takes and gives NDJSON: line n of the answer is of line n that is not empty; all by one version.',
        tags,
        consumes: [ndjson],
        querystring: explained,
        body: event,
      },
      { 200: textOf(ndjson, 'Lines: an event that was scored, or `{"invalid": reason}`.') },
    ),
    async (request, reply) => {
      const { judge, scorer, warmUp } = judgingBy(apiOf(api()))
      const { explain } = request.query as z.output<typeof explained>
      const body = request.body as Buffer
      async function* lines() {
        for (const piece of eventLines(body)) {
          const judged = judge(scorer, piece, piece.count)
          let text = ''
          for (let e = 0; e < piece.count; e++) text += lineOf(scorer, judged, e, warmUp, explain)
          yield text
          // Whoever else uses this process gets a turn.
          await new Promise<void>((resolve) => setImmediate(resolve))
        }
      }
      return reply.type(ndjson).send(Readable.from(lines()))
    },
  )
}

/** Bodies stay bytes: the projection that reads the topic's events reads these. */
function takeBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  for (const type of [json, ndjson]) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  }
  const { validatorCompiler } = app
  app.setValidatorCompiler((part) =>
    part.httpPart === 'body' || validatorCompiler === undefined ? (value) => ({ value }) : validatorCompiler(part),
  )
  app.setSerializerCompiler(() => (text) => text as string)
}
