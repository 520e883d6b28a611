/** A real schema registry that speaks Confluent's API: Apicurio, in memory. */

import { join } from 'node:path'
import { cached } from './cache.ts'
import { fetchArchive, java } from './maven.ts'
import { freePort, launch, placeOf, type Server, type StartOptions } from './server.ts'

/** The last that runs on Java 17. */
const version = '3.0.9'

export async function startRegistry(options: StartOptions = {}): Promise<Server> {
  const program = await java()
  const home = await cached(`apicurio-${version}`, 'maven', async (folder) => {
    options.report?.(`fetching the Apicurio registry ${version} with Maven (about 110 MB, once)`)
    await fetchArchive(`io.apicurio:apicurio-registry-app:${version}:tar.gz:all`, folder)
  })
  const place = await placeOf('registry', options.folder)
  const port = options.port ?? (await freePort())
  const address = `http://127.0.0.1:${port}/apis/ccompat/v7`
  // Data in a given folder is to survive a restart; a temporary one need not hold any.
  const storage = place.isTemporary ? [] : [`-Dapicurio.datasource.url=jdbc:h2:file:${join(place.folder, 'registry')}`]
  const flags = ['-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']
  const settings = [
    '-Dquarkus.http.host=127.0.0.1',
    `-Dquarkus.http.port=${port}`,
    '-Dapicurio.datasource.jdbc.initial-size=1',
    '-Dapicurio.datasource.jdbc.min-size=1',
    ...storage,
  ]
  return launch({
    name: 'Schema registry',
    address,
    port,
    place,
    command: program,
    args: [...flags, ...settings, '-jar', join(home, `apicurio-registry-app-${version}-runner.jar`)],
    mark: `-Dquarkus.http.port=${port}`,
    probe: async () => {
      await probeRegistry(address)
      await setBackward(address)
    },
  })
}

export async function probeRegistry(address: string): Promise<void> {
  await request(`${address}/subjects`, {})
}

/** Apicurio's own default is NONE, where Confluent's is BACKWARD. */
async function setBackward(address: string): Promise<void> {
  await request(`${address}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ compatibility: 'BACKWARD' }),
  })
}

async function request(url: string, init: RequestInit): Promise<void> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 200)}`)
}
