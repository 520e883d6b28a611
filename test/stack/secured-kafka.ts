/** A broker that lets nobody in without TLS and a name, beside an open listener for the tests' own tools. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KafkaSasl } from '../../src/adapters/kafka/options.ts'
import { type KafkaServer, startKafka } from '../../tools/stack/kafka.ts'
import type { Access } from '../contract/event-log/kafka-world.ts'
import { type Authority, newAuthority, passphrase } from './certificates.ts'

export interface SecuredKafka {
  readonly server: KafkaServer
  /** The open listener. */
  readonly address: string
  /** The one that is secured. */
  readonly securedAddress: string
  readonly authority: Authority
  /** By this user, who may do everything; `tls` is the right authority unless another is given. */
  access(sasl: KafkaSasl, ca?: string): Access & { readonly brokers: readonly [string] }
  stop(): Promise<void>
}

export const user = { username: 'alice', password: 'alice-secret' } as const

const login = 'org.apache.kafka.common.security'

/** `reauthenticateMs`: how long a session may last (KIP-368). */
export async function startSecuredKafka(reauthenticateMs: number): Promise<SecuredKafka> {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-secured-kafka-'))
  const authority = await newAuthority(folder, 'authority')
  const store = await authority.issue()
  const on = (key: string): string => `listener.name.secured.${key}`
  const server = await startKafka({
    listeners: [{ name: 'SECURED', protocol: 'SASL_SSL' }],
    scram: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map(
      (mechanism) => `${mechanism}=[name=${user.username},password=${user.password}]`,
    ),
    properties: {
      [on('sasl.enabled.mechanisms')]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
      [on('plain.sasl.jaas.config')]:
        `${login}.plain.PlainLoginModule required user_${user.username}="${user.password}";`,
      [on('scram-sha-256.sasl.jaas.config')]: `${login}.scram.ScramLoginModule required;`,
      [on('scram-sha-512.sasl.jaas.config')]: `${login}.scram.ScramLoginModule required;`,
      // Tokens without a signature, whose times and subject are looked at all the same.
      [on('oauthbearer.sasl.jaas.config')]:
        `${login}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
      'connections.max.reauth.ms': String(reauthenticateMs),
      [on('ssl.keystore.type')]: 'PKCS12',
      [on('ssl.keystore.location')]: store,
      [on('ssl.keystore.password')]: passphrase,
      [on('ssl.key.password')]: passphrase,
    },
  })
  const securedAddress = `127.0.0.1:${server.ports.get('SECURED')}`
  return {
    server,
    address: server.address,
    securedAddress,
    authority,
    access: (sasl, ca = authority.ca) => ({ brokers: [securedAddress], tls: { ca }, sasl }),
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true })
    },
  }
}

/** A token without a signature (RFC 7515, A.5), as the broker's default validator takes it. */
export function unsignedToken(subject: string, lifetimeMs: number, nowMs = Date.now()): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const seconds = nowMs / 1000
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: seconds, exp: seconds + lifetimeMs / 1000 })}.`
}
