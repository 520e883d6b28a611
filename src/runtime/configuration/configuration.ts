/** The configuration as the rest of Shoal sees it: every default filled in, every file read, nothing left to decide. */
import type { FeatureSpec } from '../../core/features/features.ts'
import type { Settings } from './schema.ts'
import type { Secret } from './secret.ts'
import type { OutputTopic } from './topics.ts'

type DeepReadonly<T> = T extends Secret
  ? T
  : T extends readonly (infer E)[]
    ? readonly DeepReadonly<E>[]
    : T extends object
      ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
      : T

/** The text of a file as it is when it is asked for; as it was, while the file is being replaced. */
export type CurrentText = () => string

/** Contents in PEM, not paths; null where Node's own authorities or no client certificate are meant. */
export interface TlsConfiguration {
  readonly ca: CurrentText | null
  readonly cert: CurrentText | null
  readonly key: Secret | null
  readonly keyPassphrase: Secret | null
  readonly serverName: string | null
}

export type SaslConfiguration =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
      readonly username: string
      readonly password: Secret
    }
  | {
      readonly mechanism: 'oauthbearer'
      readonly token: { readonly from: 'file'; readonly path: string; readonly token: Secret } | TokenEndpoint
    }

export interface TokenEndpoint {
  readonly from: 'endpoint'
  readonly url: string
  readonly clientId: string
  readonly clientSecret: Secret
  readonly scope: string | null
  /** PEM; null: Node's own. */
  readonly ca: CurrentText | null
}

export interface Address {
  readonly host: string
  readonly port: number
}

interface RedisCredentials {
  readonly username: string | null
  readonly password: Secret | null
}

export type RedisEndpoint =
  /** The URL is without credentials. */
  | ({ readonly kind: 'server'; readonly url: string } & RedisCredentials)
  | ({
      readonly kind: 'sentinel'
      readonly master: string
      readonly sentinels: readonly Address[]
      readonly sentinelUsername: string | null
      readonly sentinelPassword: Secret | null
    } & RedisCredentials)
  | ({ readonly kind: 'cluster'; readonly nodes: readonly Address[] } & RedisCredentials)

export interface RedisConfiguration {
  readonly endpoint: RedisEndpoint
  /** Null: not encrypted. */
  readonly tls: TlsConfiguration | null
  readonly keyPrefix: string
  readonly historyLimit: number
}

export interface RegistryConfiguration {
  readonly url: string
  readonly auth:
    | { readonly kind: 'none' }
    | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
    | { readonly kind: 'bearer'; readonly token: Secret }
  /** Null: not encrypted. */
  readonly tls: TlsConfiguration | null
}

/** Who set a key, and to what. */
export interface Origin {
  /** `file`, or the environment variable. */
  readonly by: string
  /** The value as it may be printed. */
  readonly shown: string
}

type KafkaConfiguration = DeepReadonly<Omit<Settings['kafka'], 'tls' | 'sasl'>> & {
  /** Null: not encrypted. */
  readonly tls: TlsConfiguration | null
  readonly sasl: SaslConfiguration | null
}

export interface Configuration
  extends DeepReadonly<
    Pick<Settings, 'name' | 'clusters' | 'anomalies' | 'drift' | 'models' | 'shadow' | 'worker' | 'log'>
  > {
  readonly input: DeepReadonly<Omit<Settings['input'], 'timeUnit' | 'schemaFile'>> & {
    /** Milliseconds in one unit of a time that is a plain number. */
    readonly timeUnitMs: number
    /** Avro schema of bare values as JSON text; null: each value names its own in the registry. */
    readonly schema: string | null
  }
  readonly features: readonly FeatureSpec[]
  readonly profiles: {
    /** Null: no feature asks for a profile. */
    readonly key: string | null
    readonly limit: number
  }
  /** Columns of a row: the sum over the features. */
  readonly columns: number
  /** Names what columns and clusters mean: core/codec/fingerprint.ts. */
  readonly fingerprint: string
  readonly bootstrap: { readonly minEvents: number; readonly maxWaitMs: number }
  readonly topics: DeepReadonly<Omit<Settings['topics'], OutputTopic | 'prefix'>> & {
    readonly [T in OutputTopic]: string
  }
  readonly kafka: KafkaConfiguration
  readonly registry: RegistryConfiguration | null
  readonly redis: RedisConfiguration | null
  readonly http: DeepReadonly<Omit<Settings['http'], 'tokensFile'>> & {
    /** Absolute path: read again when it changes. */
    readonly tokensPath: string | null
  }
  /** The keys that somebody set, by name (`clusters.k`), in the order of the schema. Any other is a default. */
  readonly origins: ReadonlyMap<string, Origin>
}
