/** Scoring without Kafka, by the version that serves: one event, or many as lines. */
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { judgedAtOnce } from '../../stages/judge.ts'
import { type ApiOf, apiOf, judgingBy } from '../api.ts'
import { eventLines, oneEvent } from '../scoring/event-lines.ts'
import { judgement, lineOf, refuseInvalid, scoredEvent } from '../scoring/judgement.ts'
import { described, textOf } from './route.ts'

const json = 'application/json'
const ndjson = 'application/x-ndjson'

const event = z
  .record(z.string(), z.unknown())
  .meta({ description: 'An event as the input topic has it, in JSON, whatever the format of the topic.' })

type ProfileChoice = 'held' | 'none'

/** Of the entities of whose partitions this process has the profiles; features of the others are missing. */
const profileOf = (usual: ProfileChoice) =>
  z
    .enum(['held', 'none'])
    .default(usual)
    .meta({ description: 'Whether an event is compared with the profiles that this process has at hand.' })

const batchQuery = z.object({
  explain: z
    .enum(['anomalies', 'all', 'none'])
    .default('anomalies')
    .meta({ description: 'Which events come with the features that explain most of their distance.' }),
  profile: profileOf('none'),
})

export function addScoreRoutes(app: FastifyInstance, api: ApiOf): void {
  takeBytes(app)
  const tags = ['score']
  app.post(
    '/v1/score',
    described(
      'score',
      {
        operationId: 'score',
        summary: 'Score one event',
        description: 'By the version that serves, as if the event came next; nothing is learned from it.',
        tags,
        consumes: [json],
        querystring: z.object({ profile: profileOf('held') }),
        body: event,
      },
      { 200: scoredEvent },
    ),
    async (request, reply) => {
      const { judge, scorer, warmUp, held } = judgingBy(apiOf(api()))
      const { profile } = request.query as { readonly profile: ProfileChoice }
      const judged = judge(scorer, oneEvent(request.body as Buffer), 1, profile === 'held' ? held() : null)
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
        querystring: batchQuery,
        body: event,
      },
      { 200: textOf(ndjson, 'Lines: an event that was scored, or `{"invalid": reason}`.') },
    ),
    async (request, reply) => {
      const { judge, scorer, warmUp, held } = judgingBy(apiOf(api()))
      const { explain, profile } = request.query as z.output<typeof batchQuery>
      const body = request.body as Buffer
      const profiles = profile === 'held' ? held() : null
      async function* lines() {
        // Each event meets profiles as if it came next, so they are judged one by one.
        for (const piece of eventLines(body, profiles === null ? judgedAtOnce : 1)) {
          const judged = judge(scorer, piece, piece.count, profiles)
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
