import { type KafkaOptions, probeKafka, startKafka } from './kafka.ts'
import { probeRedis, startRedis } from './redis.ts'
import { probeRegistry, startRegistry } from './registry.ts'
import type { Server, StartOptions } from './server.ts'

export const serverNames = ['kafka', 'registry', 'redis'] as const
export type ServerName = (typeof serverNames)[number]

/** `server` is null when the address came from the environment: such a server is not ours to stop. */
export type Outcome =
  | { readonly name: ServerName; readonly address: string; readonly server: Server | null }
  | { readonly name: ServerName; readonly failure: string }

/** `properties` and `java`: of the broker. */
export type StackOptions = StartOptions & Pick<KafkaOptions, 'properties' | 'java'>

interface Kind {
  /** The variable that names a server to use instead of starting one. */
  readonly variable: string
  /** The one by which `shoal` is told. */
  readonly shoalVariable: string
  readonly probe: (address: string) => Promise<void>
  readonly start: (options: StackOptions) => Promise<Server>
}

export const kinds: { readonly [N in ServerName]: Kind } = {
  kafka: { variable: 'SHOAL_TEST_KAFKA', shoalVariable: 'SHOAL_KAFKA_BROKERS', probe: probeKafka, start: startKafka },
  registry: {
    variable: 'SHOAL_TEST_REGISTRY',
    shoalVariable: 'SHOAL_REGISTRY_URL',
    probe: probeRegistry,
    start: startRegistry,
  },
  redis: { variable: 'SHOAL_TEST_REDIS', shoalVariable: 'SHOAL_REDIS_URL', probe: probeRedis, start: startRedis },
}

/** All three at the same time. One that cannot be had does not keep the others from being had. */
export function obtainAll(options: StackOptions): Promise<readonly Outcome[]> {
  return Promise.all(serverNames.map((name) => obtain(name, options)))
}

/** An address in the environment, else a server of our own, which needs no docker engine: deploy/compose.yaml is for people. */
async function obtain(name: ServerName, options: StackOptions): Promise<Outcome> {
  const { variable, probe, start } = kinds[name]
  const given = process.env[variable]
  try {
    if (given === undefined || given === '') {
      const server = await start(options)
      return { name, address: server.address, server }
    }
    await probe(given)
    return { name, address: given, server: null }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { name, failure: given ? `${variable}=${given} does not answer: ${reason}` : reason }
  }
}

/** One of what was obtained; throws when it cannot be had. */
export function had(outcomes: readonly Outcome[], name: ServerName): Extract<Outcome, { readonly address: string }> {
  const found = outcomes.find((outcome) => outcome.name === name)
  if (found === undefined || 'failure' in found) throw new Error(`${name} cannot be had: ${found?.failure}`)
  return found
}

export async function stopAll(outcomes: readonly Outcome[]): Promise<void> {
  await Promise.all(outcomes.map((outcome) => ('server' in outcome ? outcome.server?.stop() : undefined)))
}
