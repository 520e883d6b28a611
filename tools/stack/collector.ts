/** A real OpenTelemetry Collector: the machine's own, or built by its builder from the core's components. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, type Report } from './cache.ts'
import { command, onPath } from './process.ts'
import { freePort, launch, placeOf, type Server, type StartOptions } from './server.ts'

const version = '0.162.0'
const core = 'go.opentelemetry.io/collector'

interface CollectorOptions extends StartOptions {
  /** Whom it passes on what it receives, as OTLP in JSON over HTTP: `http://127.0.0.1:4318`. */
  readonly to: string
}

/** Where the program lies; throws with what to do when it cannot be had. */
export async function collectorProgram(report: Report = () => {}): Promise<string> {
  return (await onPath(['otelcol', 'otelcol-contrib'])) ?? join(await built(report), 'dist', 'otelcol')
}

/** One that receives OTLP over HTTP at its address and passes all of it on at once. */
export async function startCollector({ to, ...options }: CollectorOptions): Promise<Server> {
  const program = await collectorProgram(options.report)
  const place = await placeOf('collector', options.folder)
  const port = options.port ?? (await freePort())
  const address = `http://127.0.0.1:${port}`
  const file = join(place.folder, 'collector.yaml')
  await writeFile(file, configurationOf(port, to))
  const args = ['--config', file]
  return launch({
    name: 'the OpenTelemetry Collector',
    address,
    port,
    place,
    command: program,
    args,
    mark: file,
    probe: () => probeCollector(address),
  })
}

function configurationOf(port: number, to: string): string {
  return `
receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:${port}' } } } }
exporters: { otlp_http: { endpoint: '${to}', encoding: json, compression: none } }
service:
  pipelines: { traces: { receivers: [otlp], exporters: [otlp_http] } }
  telemetry: { metrics: { level: none }, logs: { level: warn } }
`
}

/** An export of nothing. */
async function probeCollector(address: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${address}/v1/traces`, { method: 'POST', headers, body: '{"resourceSpans":[]}' })
  if (!answer.ok) throw new Error(`${address}/v1/traces answers ${answer.status}`)
}

async function built(report: Report): Promise<string> {
  const missing =
    'The OpenTelemetry Collector is needed: it is not on the PATH, and without Go it cannot be built. Install one of them.'
  if ((await onPath(['go'])) === null) throw new Error(missing)
  return cached(`otelcol-${version}`, 'go', async (into) => {
    report(`building the OpenTelemetry Collector ${version} (once, some minutes)`)
    await command('env', [`GOBIN=${into}`, 'go', 'install', `${core}/cmd/builder@v${version}`], missing)
    const file = join(into, 'builder.yaml')
    await writeFile(file, recipeOf(join(into, 'dist')))
    await command(join(into, 'builder'), ['--config', file], missing)
  })
}

function recipeOf(folder: string): string {
  return `
dist: { name: otelcol, output_path: '${folder}' }
receivers: [{ gomod: ${core}/receiver/otlpreceiver v${version} }]
exporters: [{ gomod: ${core}/exporter/otlphttpexporter v${version} }]
`
}
