/** A broker that lets nobody in without TLS and a name, beside an open listener for the tests' own tools. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KafkaSasl } from '../../src/adapters/kafka/options.ts'
import { type KafkaServer, startKafka } from '../../tools/stack/kafka.ts'
import type { Access } from '../contract/event-log/kafka-world.ts'
import { type Link, openLink } from '../faults/link.ts'
import { type Authority, type Certified, newAuthority } from './certificates.ts'
import { type Issuer, issuedFor, startIssuer } from './issuer.ts'

export interface SecuredKafka {
  readonly server: KafkaServer
  readonly folder: string
  /** The open listener. */
  readonly address: string
  /** Asks for a name, by PLAIN, SCRAM or OAUTHBEARER, under TLS. */
  readonly securedAddress: string
  /** Asks for a client certificate of `authority`; over `mutualLink`. */
  readonly mutualAddress: string
  readonly mutualLink: Link
  /** As `securedAddress`, with a certificate that has expired. */
  readonly expiredAddress: string
  readonly authority: Authority
  /** Whose tokens the broker takes. */
  readonly issuer: Issuer
  /** By this user, who may do everything; `tls` is the right authority unless another is given. */
  access(sasl: KafkaSasl, ca?: string): Access & { readonly brokers: readonly [string] }
  stop(): Promise<void>
}

export const user = { username: 'alice', password: () => 'alice-secret' } as const

const login = 'org.apache.kafka.common.security'

/** `reauthenticateMs`: how long a session may last (KIP-368); `tokenSeconds`: how long a token of the endpoint lives. */
export async function startSecuredKafka(reauthenticateMs: number, tokenSeconds = 60): Promise<SecuredKafka> {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-secured-kafka-'))
  const authority = newAuthority(folder, 'authority')
  const issuer = await startIssuer(tokenSeconds)
  const mutualLink = await openLink()
  const server = await startKafka({
    listeners: [
      { name: 'SECURED', protocol: 'SASL_SSL' },
      { name: 'EXPIRED', protocol: 'SASL_SSL' },
      { name: 'MUTUAL', protocol: 'SSL', advertisedPort: mutualLink.port },
    ],
    scram: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map(
      (mechanism) => `${mechanism}=[name=${user.username},password=${user.password()}]`,
    ),
    flags: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${issuer.jwksUrl}`],
    properties: {
      ...askingForNames('secured'),
      ...askingForNames('expired'),
      'sasl.oauthbearer.jwks.endpoint.url': issuer.jwksUrl,
      'sasl.oauthbearer.expected.issuer': issuer.url,
      'sasl.oauthbearer.expected.audience': issuedFor,
      'connections.max.reauth.ms': String(reauthenticateMs),
      ...showing('secured', authority.issue('server')),
      ...showing('mutual', authority.issue('server')),
      ...showing('expired', authority.issue('expired', { fromHours: -48, toHours: -24 })),
      'listener.name.mutual.ssl.client.auth': 'required',
      'listener.name.mutual.ssl.truststore.type': 'PEM',
      'listener.name.mutual.ssl.truststore.location': authority.caFile,
    },
  })
  mutualLink.serverPort = server.ports.get('MUTUAL')!
  const at = (listener: string): string => `127.0.0.1:${server.ports.get(listener)}`
  const securedAddress = at('SECURED')
  return {
    server,
    folder,
    address: server.address,
    securedAddress,
    mutualAddress: `127.0.0.1:${mutualLink.port}`,
    mutualLink,
    expiredAddress: at('EXPIRED'),
    authority,
    issuer,
    access: (sasl, ca = authority.ca) => ({ brokers: [securedAddress], tls: { ca }, sasl }),
    async stop() {
      await server.stop()
      await Promise.all([issuer.close(), mutualLink.close()])
      await rm(folder, { recursive: true })
    },
  }
}

function showing(listener: string, { bothFile }: Certified): Readonly<Record<string, string>> {
  const on = (key: string): string => `listener.name.${listener}.ssl.keystore.${key}`
  return { [on('type')]: 'PEM', [on('location')]: bothFile }
}

function askingForNames(listener: string): Readonly<Record<string, string>> {
  const on = (key: string): string => `listener.name.${listener}.${key}`
  return {
    [on('sasl.enabled.mechanisms')]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [on('plain.sasl.jaas.config')]:
      `${login}.plain.PlainLoginModule required user_${user.username}="${user.password()}";`,
    [on('scram-sha-256.sasl.jaas.config')]: `${login}.scram.ScramLoginModule required;`,
    [on('scram-sha-512.sasl.jaas.config')]: `${login}.scram.ScramLoginModule required;`,
    // The broker's own name among brokers, which the module insists on.
    [on('oauthbearer.sasl.jaas.config')]:
      `${login}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
    [on('oauthbearer.sasl.server.callback.handler.class')]: `${login}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
  }
}
