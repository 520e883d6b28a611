/** Certificates of a test's own making (X.509, RFC 5280): any validity, any name, in PEM files. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A certificate and its key, PEM and as files. */
export interface Certified {
  readonly cert: string
  readonly key: string
  readonly certFile: string
  readonly keyFile: string
  /** Key and certificate in one file, as Kafka takes them. */
  readonly bothFile: string
}

interface Wanted {
  /** A host beside 127.0.0.1 that it is for. */
  readonly host?: string
  /** Hours from now, at which it begins and ends: an hour ago, in a day. */
  readonly fromHours?: number
  readonly toHours?: number
  /** The key is encrypted with it. */
  readonly passphrase?: string
}

export interface Authority {
  /** Its certificate, PEM. */
  readonly ca: string
  readonly caFile: string
  /** A certificate of `CN=name`, for servers at 127.0.0.1 and for clients. The files have that name: issued again, they are replaced. */
  issue(name: string, wanted?: Wanted): Certified
}

/** Its files lie in `folder` under `name`. */
export function newAuthority(folder: string, name: string): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ca = certificate({
    subject: name,
    issuer: name,
    publicKey: own.publicKey,
    signer: own.privateKey,
    isAuthority: true,
  })
  const caFile = join(folder, `${name}-ca.pem`)
  writeFileSync(caFile, ca)
  return {
    ca,
    caFile,
    issue(subject, wanted = {}) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const cert = certificate({ ...wanted, subject, issuer: name, publicKey: pair.publicKey, signer: own.privateKey })
      const key = keyText(pair.privateKey, wanted.passphrase)
      const file = (what: string, text: string): string => {
        const path = join(folder, `${name}-${subject}${what}`)
        writeFileSync(path, text)
        return path
      }
      const files = {
        certFile: file('.crt', cert),
        keyFile: file('.key', key),
        bothFile: file('.pem', `${key}${cert}`),
      }
      return { cert, key, ...files }
    },
  }
}

function keyText(key: KeyObject, passphrase: string | undefined): string {
  const format = { type: 'pkcs8', format: 'pem' } as const
  const text =
    passphrase === undefined ? key.export(format) : key.export({ ...format, cipher: 'aes-256-cbc', passphrase })
  return String(text)
}

interface Contents extends Wanted {
  readonly subject: string
  readonly issuer: string
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  readonly isAuthority?: boolean
}

const hourMs = 3_600_000
const ecdsaWithSha256 = sequence(objectId(1, 2, 840, 10045, 4, 3, 2))

function certificate(contents: Contents): string {
  const { subject, issuer, publicKey, signer, fromHours = -1, toHours = 24, host, isAuthority = false } = contents
  const basic = sequence(objectId(2, 5, 29, 19), tagged(0x01, [0xff]), octets(sequence(tagged(0x01, [0xff]))))
  const names = [tagged(0x87, [127, 0, 0, 1]), ...(host === undefined ? [] : [tagged(0x82, Buffer.from(host))])]
  const alternative = sequence(objectId(2, 5, 29, 17), octets(sequence(...names)))
  const body = sequence(
    tagged(0xa0, integer([2])),
    // A serial number is positive.
    integer([0x01, ...randomBytes(15)]),
    ecdsaWithSha256,
    distinguished(issuer),
    sequence(time(fromHours), time(toHours)),
    distinguished(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(isAuthority ? basic : alternative)),
  )
  const whole = sequence(body, ecdsaWithSha256, tagged(0x03, [0, ...sign('sha256', body, signer)]))
  const lines = whole.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}

function tagged(tag: number, content: Uint8Array | readonly number[]): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(bytes)]), bytes])
}

/** In as few bytes as can be: who encodes it again (Java does) finds another signature otherwise. */
function lengthOf({ length }: Buffer): readonly number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function integer(bytes: readonly number[]): Buffer {
  return tagged(0x02, bytes)
}

function octets(content: Uint8Array): Buffer {
  return tagged(0x04, content)
}

function objectId(first: number, second: number, ...rest: readonly number[]): Buffer {
  const groups = rest.flatMap((number) => {
    const sevens = [number & 0x7f]
    for (let left = number >> 7; left > 0; left >>= 7) sevens.unshift((left & 0x7f) | 0x80)
    return sevens
  })
  return tagged(0x06, [first * 40 + second, ...groups])
}

/** `CN=name`. */
function distinguished(name: string): Buffer {
  return sequence(tagged(0x31, sequence(objectId(2, 5, 4, 3), tagged(0x0c, Buffer.from(name)))))
}

function time(hoursFromNow: number): Buffer {
  const iso = new Date(Date.now() + hoursFromNow * hourMs).toISOString()
  // UTCTime: the year has two digits.
  return tagged(0x17, Buffer.from(`${iso.slice(2).replace(/\.\d+Z|[-:T]/g, '')}Z`))
}
