/** Server-sent events: what a page that is left open needs (WHATWG HTML, 9.2). */
import type { FastifyInstance } from 'fastify'
import { ShoalError } from '../../runtime/errors.ts'
import { type ApiOf, apiOf } from '../api.ts'
import { Live } from '../live.ts'
import { described, textOf } from './route.ts'

const mostStreams = 100
/** A reader that is so far behind is given up: it comes again by itself. */
const mostUnreadBytes = 1_048_576

export function addEventRoutes(app: FastifyInstance, api: ApiOf): void {
  const live = new Live()
  let streams = 0
  app.get(
    '/v1/events',
    described(
      'read',
      {
        operationId: 'listen',
        summary: 'What happens, as it happens',
        description:
          'Server-sent events: `status` every second, `version` when one is published, `anomaly` (ten a second at most), `drift`.',
        tags: ['told'],
      },
      { 200: textOf('text/event-stream', 'Events, until whoever listens goes away.') },
    ),
    async (request, reply) => {
      const running = apiOf(api())
      if (streams >= mostStreams) {
        throw new ShoalError('request.too_many', `at most ${mostStreams} may listen to a process at once`)
      }
      streams++
      reply.hijack()
      const { raw } = reply
      raw.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      raw.write('retry: 2000\n\n')
      const leave = live.listen(running, ({ event, data }) => {
        if (raw.writableLength > mostUnreadBytes) raw.destroy()
        else raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      })
      request.raw.socket.once('close', () => {
        streams--
        leave()
      })
    },
  )
}
