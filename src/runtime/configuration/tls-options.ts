import type { ConnectionOptions } from 'node:tls'
import type { TlsConfiguration } from './configuration.ts'

/** PEM contents as Node's TLS takes them; the server is always verified. */
export function tlsOptions({ ca, cert, key, keyPassphrase, serverName }: TlsConfiguration): ConnectionOptions {
  return {
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key: key.reveal() }),
    ...(keyPassphrase === null ? {} : { passphrase: keyPassphrase.reveal() }),
    ...(serverName === null ? {} : { servername: serverName }),
  }
}
