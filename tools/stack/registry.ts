/** A real schema registry that speaks Confluent's API: Apicurio, in memory. */

import { readFileSync } from 'node:fs'
import { request as requestClear } from 'node:http'
import { request as requestSecured } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { cached } from './cache.ts'
import { fetchArchive, java } from './maven.ts'
import { freePort, launch, placeOf, type Server, type StartOptions } from './server.ts'

/** The last that runs on Java 17. */
const version = '3.0.9'

interface RegistryOptions extends StartOptions {
  /** More of the server's own settings, by their names. */
  readonly settings?: Readonly<Record<string, string>>
  /** It listens under TLS alone; files in PEM. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly caFile: string }
  /** Of whoever asks for the defaults to be set: one who may. */
  readonly authorization?: string
}

export async function startRegistry(options: RegistryOptions = {}): Promise<Server> {
  const program = await java()
  const home = await cached(`apicurio-${version}`, 'maven', async (folder) => {
    options.report?.(`fetching the Apicurio registry ${version} with Maven (about 110 MB, once)`)
    await fetchArchive(`io.apicurio:apicurio-registry-app:${version}:tar.gz:all`, folder)
  })
  const place = await placeOf('registry', options.folder)
  const port = options.port ?? (await freePort())
  const { tls, authorization } = options
  const address = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/apis/ccompat/v7`
  const access: Access = { caFile: tls?.caFile, authorization }
  // Data in a given folder is to survive a restart; a temporary one need not hold any.
  const storage = place.isTemporary ? [] : [`-Dapicurio.datasource.url=jdbc:h2:file:${join(place.folder, 'registry')}`]
  const flags = ['-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']
  const settings = [
    '-Dquarkus.http.host=127.0.0.1',
    ...(tls === undefined ? [`-Dquarkus.http.port=${port}`] : tlsFlags(tls, port)),
    '-Dapicurio.datasource.jdbc.initial-size=1',
    '-Dapicurio.datasource.jdbc.min-size=1',
    ...storage,
    ...Object.entries(options.settings ?? {}).map(([name, value]) => `-D${name}=${value}`),
  ]
  return launch({
    name: 'Schema registry',
    address,
    port,
    place,
    command: program,
    args: [...flags, ...settings, '-jar', join(home, `apicurio-registry-app-${version}-runner.jar`)],
    mark: `-Dquarkus.http.${tls === undefined ? 'port' : 'ssl-port'}=${port}`,
    probe: async () => {
      await probeRegistry(address, access)
      await setBackward(address, access)
    },
  })
}

function tlsFlags({ certFile, keyFile }: NonNullable<RegistryOptions['tls']>, port: number): readonly string[] {
  const files = [
    `-Dquarkus.http.ssl.certificate.files=${certFile}`,
    `-Dquarkus.http.ssl.certificate.key-files=${keyFile}`,
  ]
  return [`-Dquarkus.http.ssl-port=${port}`, '-Dquarkus.http.insecure-requests=disabled', ...files]
}

interface Access {
  readonly caFile?: string | undefined
  readonly authorization?: string | undefined
}

export async function probeRegistry(address: string, access: Access = {}): Promise<void> {
  await ask(`${address}/subjects`, 'GET', null, access)
}

/** Apicurio's own default is NONE, where Confluent's is BACKWARD. */
async function setBackward(address: string, access: Access): Promise<void> {
  await ask(`${address}/config`, 'PUT', { compatibility: 'BACKWARD' }, access)
}

/** Not by `fetch`, which takes no authority of one's own. */
function ask(url: string, method: string, body: object | null, { caFile, authorization }: Access): Promise<void> {
  const headers = {
    'content-type': 'application/vnd.schemaregistry.v1+json',
    ...(authorization === undefined ? {} : { authorization }),
  }
  const options = { method, headers, agent: false, signal: AbortSignal.timeout(5_000) } as const
  const ca = caFile === undefined ? {} : { ca: readFileSync(caFile) }
  return new Promise((resolve, reject) => {
    const asked = (url.startsWith('https:') ? requestSecured : requestClear)(url, { ...options, ...ca }, (answer) => {
      text(answer).then((said) => {
        if (answer.statusCode === 200) resolve()
        else reject(new Error(`${url} answered ${answer.statusCode}: ${said.slice(0, 200)}`))
      }, reject)
    })
    asked.on('error', reject)
    asked.end(body === null ? undefined : JSON.stringify(body))
  })
}
