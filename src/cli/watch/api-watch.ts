/** What the API of a process says. */
import { z } from 'zod'
import { statusSchema } from '../../http/status.ts'
import { ShoalError } from '../../runtime/errors.ts'
import { anomalyViewSchema } from '../../runtime/views/anomaly-view.ts'
import { modelViewSchema } from '../../runtime/views/model-view.ts'
import type { Watch } from './watch.ts'

const answerMs = 10_000

const problem = z.object({ detail: z.string() })
const drifts = z.object({
  open: z.array(z.object({ kind: z.string(), severity: z.string().nullable(), message: z.string().nullable() })),
})

export function apiWatch(url: string, token: string | null, signal: AbortSignal): Watch {
  const get = <T>(path: string, schema: z.ZodType<T>) => answerOf(url, path, token, schema, signal)
  return {
    status: () => get('/v1/status', statusSchema),
    async clusters() {
      const { model } = await get('/v1/status', statusSchema)
      return model === null ? { features: [], clusters: [] } : get('/v1/model', modelViewSchema)
    },
    async anomalies(most) {
      return (await get(`/v1/anomalies?limit=${most}`, z.object({ anomalies: z.array(anomalyViewSchema) }))).anomalies
    },
    async drifts() {
      const { open } = await get('/v1/drifts?limit=1', drifts)
      return open.map(({ kind, severity, message }) => ({ kind, severity: severity ?? '', message: message ?? '' }))
    },
  }
}

async function answerOf<T>(
  url: string,
  path: string,
  token: string | null,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T> {
  const asked = URL.parse(path, url)
  if (asked === null || !/^https?:$/.test(asked.protocol)) {
    throw new ShoalError('usage.invalid', `--url must be like http://localhost:9404: got ${url}`)
  }
  const headers = token === null ? {} : { authorization: `Bearer ${token}` }
  const answer = await fetch(asked, {
    headers,
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
  }).catch((error: unknown) => {
    if (signal.aborted) throw new ShoalError('stopped.interrupted', `interrupted: ${asked.host} has not answered`)
    throw new ShoalError('api.unavailable', `${asked.host} must answer: ${reasonOf(error)}`, { cause: error })
  })
  const body: unknown = await answer.json().catch(() => null)
  if (!answer.ok) {
    const detail = problem.safeParse(body).data?.detail ?? answer.statusText
    const code = answer.status >= 500 ? 'api.unavailable' : 'api.refused'
    throw new ShoalError(code, `${path} of ${asked.host} must be answered: ${answer.status}, ${detail}`)
  }
  const read = schema.safeParse(body)
  if (!read.success) {
    throw new ShoalError(
      'api.refused',
      `${path} of ${asked.host} must answer as this release does: another one runs there`,
    )
  }
  return read.data
}

/** What `fetch` says first is only that it failed. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return cause instanceof Error ? cause.message || ('code' in cause ? String(cause.code) : cause.name) : String(cause)
}
