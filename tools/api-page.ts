/** docs/api.md: what the API's own document says, for people. */
import { apiDocument } from '../src/http/routes/api.ts'

interface Operation {
  readonly summary: string
  readonly description?: string
  readonly tags?: readonly string[]
}
interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** Where its version would be: the document that is checked in is of no release. */
const anyRelease = 'of this release'

/** As schemas/openapi.json has it. */
export async function openApiText(): Promise<string> {
  return `${JSON.stringify(await apiDocument(anyRelease), null, 2)}\n`
}

export async function apiPage(): Promise<string> {
  const { paths } = (await apiDocument(anyRelease)) as ApiDocument
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary, description }]) => {
      const more = description === undefined ? '' : ` ${description}`
      return `| \`${method.toUpperCase()} ${path}\` | ${roleOf(method, path)} | ${summary}.${more} |`
    }),
  )
  return `${head}
| route | role | what it answers |
| --- | --- | --- |
${rows.join('\n')}
${tail}`
}

/** As src/http/routes say; test/http/contract.test.ts holds each route to it. */
function roleOf(method: string, path: string): string {
  if (path.startsWith('/v1/score')) return 'score'
  return method === 'post' || path === '/v1/audit' ? 'operate' : 'read'
}

const head = `# The API

<!-- Written by \`npm run docs\` from src/http/routes and tools/api-page.ts. -->

Every process of Shoal serves it at \`http.host\` and \`http.port\` (worker n of a machine at port + n), with health, metrics and
the console. [schemas/openapi.json](../schemas/openapi.json) is its OpenAPI 3.1 document; a running process gives its own at
\`/v1/openapi.json\`. What is refused or fails is answered with a problem (RFC 9457) whose \`code\` is one of
[errors.md](errors.md), and which says what to do next.

\`\`\`sh
curl -s localhost:9404/v1/status | jq .state
curl -s localhost:9404/v1/score -H 'content-type: application/json' -d '{"id":"tx-1","occurredAt":"2026-01-05T09:00:00Z","amount":1240}'
curl -s localhost:9404/v1/score/batch -H 'content-type: application/x-ndjson' --data-binary @events.ndjson
curl -s localhost:9404/v1/commands -H 'content-type: application/json' -d '{"kind":"freeze","reason":"a feed in cents"}'
curl -N localhost:9404/v1/events
\`\`\`

## Who may do what

On a loopback address nothing asks for a token, and a request must have been made to a loopback name, so that no page of
another site can steer Shoal by a name of its own that points here. On any other address tokens are needed, or Shoal does not
start.

\`shoal token --name grafana --role read\` makes a token, and prints it once with the line for the file that
\`http.tokensFile\` names. The file holds SHA-256 hashes, and is read again when it changes. With \`http.oidc\` the signed tokens
of an OpenID Connect issuer are taken, too; the claim names the roles \`shoal.read\`, \`shoal.score\` and \`shoal.operate\`.

| role | may |
| --- | --- |
| read | see everything but the audit, metrics and the console included |
| score | score events, and nothing else |
| operate | all of it: commands and the audit, too |

A token goes in \`authorization: Bearer …\`; a browser gets it as a cookie that no script can read (\`POST /v1/session\`). Without
one only \`/health/startup\`, \`/health/live\` and \`/health/ready\` answer. Whoever is refused is in the audit
([audit.md](audit.md)). A client may send \`http.requestsPerMinute\`, a stranger 300 a minute, and a body of
\`http.maxBodyBytes\`. Shoal speaks no TLS here: on a network put something before it that does.

## Routes
`

const tail = `
Events of the stream (\`/v1/events\`) are Server-Sent Events: \`status\` every second, \`version\`, \`anomaly\` (ten a second at
most) and \`drift\`. They are read from the topics only while somebody listens.

**Scoring** runs the score stage's own steps by the version that serves, so an event that is asked about gets to the bit what it
would get if it came next; nothing is learned from it. Its entity's profile is used where this process works on its partition
(\`profiles\` in the answer says so); a batch is scored without, unless \`profile=held\`.

**Commands** are records of the log, obeyed where they stand ([model.md](model.md)). 200: the model has done it; 202: it is in
the log, and will be done when a process trains; 409: it makes no sense for the model as it is, and nothing was written.

**gRPC.** With \`http.grpcPort\` set, [schemas/scoring.proto](../schemas/scoring.proto) is served there: the same answers,
the same tokens (metadata \`authorization\`), reflection, and the standard health service.
`
