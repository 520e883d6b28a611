/** Keys of a connection's TLS. Verification cannot be turned off: a private authority is named by `caFile`. */
import { z } from 'zod'
import { filePath, text } from './formats.ts'

export const tlsKeys = () =>
  z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .meta({ description: 'Whether the connection is encrypted. The server is always verified.' }),
      caFile: filePath().meta({ description: 'PEM file of the authorities that are trusted; `null`: those of Node.' }),
      certFile: filePath().meta({ description: 'PEM file of the client certificate.' }),
      keyFile: filePath().meta({ description: 'PEM file of its private key.' }),
      keyPassphraseFile: filePath().meta({ description: "File that holds the key's passphrase." }),
      serverName: text(255)
        .nullable()
        .default(null)
        .meta({ description: 'Name that the certificate must carry; `null`: the host that is connected to.' }),
    })
    .prefault({})
    .meta({ description: 'TLS of the connection.' })
