/** A client certificate and its key: whether they are one pair. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'

/** PEM. */
export interface ClientPair {
  readonly cert: string
  readonly key: string
  readonly passphrase: string | null
}

interface PairFault {
  readonly key: 'certFile' | 'keyFile' | 'keyPassphraseFile'
  readonly rule: string
}

/** What is wrong with the pair; null: nothing is. */
export function faultOfPair({ cert, key, passphrase }: ClientPair): PairFault | null {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(cert)
  } catch {
    return { key: 'certFile', rule: 'must name a PEM file with a certificate' }
  }
  let own: KeyObject
  try {
    own = createPrivateKey({ key, ...(passphrase === null ? {} : { passphrase }) })
  } catch {
    const isLocked = key.includes('ENCRYPTED')
    if (!isLocked) return { key: 'keyFile', rule: 'must name a PEM file with a private key' }
    return {
      key: 'keyPassphraseFile',
      rule: 'must hold the passphrase of keyFile',
    }
  }
  if (certificate.checkPrivateKey(own)) return null
  return { key: 'keyFile', rule: 'must hold the private key of certFile' }
}
