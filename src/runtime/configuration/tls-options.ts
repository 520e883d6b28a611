/** PEM contents as Node's TLS takes them; the server is always verified. */
import type { ConnectionOptions } from 'node:tls'
import { type ClientPair, faultOfPair } from './client-pair.ts'
import type { TlsConfiguration } from './configuration.ts'

/**
 * Options whose certificates and keys are read anew whenever a connection takes them, so that files may be replaced
 * while the process runs: whoever copies the options must do so for each connection.
 */
export function tlsOptions(tls: TlsConfiguration): ConnectionOptions {
  const { ca, serverName } = tls
  const options: ConnectionOptions = serverName === null ? {} : { servername: serverName }
  const pair = currentPair(tls)
  const read = {
    ...(ca === null ? {} : { ca }),
    ...(pair === null ? {} : { cert: () => pair().cert, key: () => pair().key }),
    ...(pair === null || tls.keyPassphrase === null ? {} : { passphrase: () => pair().passphrase }),
  }
  for (const [name, get] of Object.entries(read)) Object.defineProperty(options, name, { get, enumerable: true })
  return options
}

/** A certificate and a key that lie in two files are replaced one after the other: until they fit, the pair before them serves. */
function currentPair({ cert, key, keyPassphrase }: TlsConfiguration): (() => ClientPair) | null {
  if (cert === null || key === null) return null
  const read = (): ClientPair => ({
    cert: cert(),
    key: key.reveal(),
    passphrase: keyPassphrase?.reveal() ?? null,
  })
  let known = read()
  return () => {
    const now = read()
    const isSame = now.cert === known.cert && now.key === known.key && now.passphrase === known.passphrase
    if (!isSame && faultOfPair(now) === null) known = now
    return known
  }
}
