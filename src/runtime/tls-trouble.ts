/** What can go wrong between two ends of TLS, in words that say what is wrong and what to do. */
import { X509Certificate } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'

/**
 * Of an error of Node's: `its certificate has expired: …`. `section` holds the keys that may mend it (`kafka.tls`), `tls` is
 * what the connection was made with; null: it was not encrypted. Null when the error is of something else.
 */
export function tlsTrouble(error: unknown, section: string, tls: ConnectionOptions | null): string | null {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  const words = String(message ?? '')
  const name = String(code ?? nameIn(words))
  if (name === 'CERT_HAS_EXPIRED') return 'its certificate has expired: renew it there'
  if (name === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet: check the clocks of both machines'
  if (name === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const [, names = 'another name'] =
      /(?:is not (?:cert's CN:|in the cert's altnames:|in the cert's list:)) (.*)$/.exec(words) ?? []
    return `its certificate is for ${names}: connect by that name, or set ${section}.serverName`
  }
  if (/SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_UNTRUSTED|INVALID_CA/.test(name)) {
    const to = tls?.ca === undefined ? `name that authority's certificate in` : 'that is not the one in'
    return `its certificate is of an authority that is not trusted: ${to} ${section}.caFile`
  }
  if (words.includes('disconnected before secure TLS')) {
    return `it ends the connection before TLS begins: check the port, or ${section}.enabled`
  }
  if (name === 'ERR_SSL_WRONG_VERSION_NUMBER' || name === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return `it does not speak TLS there: check the port, or ${section}.enabled`
  }
  if (/ALERT_(BAD_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|NO_CERTIFICATE|ACCESS_DENIED)|CERTIFICATE_REQUIRED/.test(name)) {
    return `${ownCertificate(section, tls)} (${name
      .replace(/^.*ALERT_/, '')
      .toLowerCase()
      .replaceAll('_', ' ')})`
  }
  // Some servers end the connection without a word.
  if (name === 'ECONNRESET' && hasExpired(tls)) return ownCertificate(section, tls)
  if (/^ERR_(SSL|TLS|OSSL)_|CERT/.test(name)) return `TLS fails (${name}): check ${section}`
  return null
}

/** Of an error that has lost its code on the way. */
function nameIn(words: string): string {
  if (words.includes('certificate has expired')) return 'CERT_HAS_EXPIRED'
  if (words.includes("does not match certificate's altnames")) return 'ERR_TLS_CERT_ALTNAME_INVALID'
  if (/self-signed certificate|unable to (verify|get)/.test(words)) return 'UNABLE_TO_VERIFY'
  const [, alert] = /alert (certificate required|certificate expired|unknown ca|bad certificate)/.exec(words) ?? []
  return alert === undefined ? '' : `ALERT_${alert.toUpperCase().replaceAll(' ', '_')}`
}

function hasExpired(tls: ConnectionOptions | null): boolean {
  return typeof tls?.cert === 'string' && Date.parse(new X509Certificate(tls.cert).validTo) < Date.now()
}

function ownCertificate(section: string, tls: ConnectionOptions | null): string {
  if (typeof tls?.cert !== 'string') return `it asks for a client certificate: set ${section}.certFile and keyFile`
  const { validFrom, validTo } = new X509Certificate(tls.cert)
  if (hasExpired(tls)) return `${section}.certFile has expired on ${validTo}: replace the file`
  if (Date.parse(validFrom) > Date.now()) return `${section}.certFile is valid from ${validFrom} only: check the clocks`
  return `it refuses the certificate of ${section}.certFile: have it signed by an authority that it trusts`
}
