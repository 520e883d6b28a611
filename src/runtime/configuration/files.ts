/** The files that the configuration names, read when it is loaded: what cannot be read is refused before any connection. */
import { closeSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { ShoalError } from '../errors.ts'
import { faultOfPair } from './client-pair.ts'
import type { CurrentText } from './configuration.ts'
import { keysOf } from './keys.ts'
import type { Settings } from './schema.ts'
import { parseTokenFile } from './token-list.ts'
import { broken, pathText, quoted, refusal, type Violation } from './violation.ts'

/** Gives the text of a file, or throws. */
export type ReadFile = (path: string) => string

const maxFileBytes = 1_048_576

/** Reads a text of at most 1 MiB in UTF-8. */
export function readTextFile(path: string): string {
  const descriptor = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(maxFileBytes + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(descriptor, bytes, length, bytes.length - length, null)
    }
    if (length > maxFileBytes) throw new Error(`larger than ${maxFileBytes} bytes`)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length))
  } finally {
    closeSync(descriptor)
  }
}

/** Text by key (`kafka.tls.caFile`), without the newline at its end. */
export type FileTexts = ReadonlyMap<string, CurrentText>

/** Reads every file that a key names; paths are relative to `folder`. All that are unreadable or unfit are in the error. */
export function readFiles(settings: Settings, readFile: ReadFile, folder: string): FileTexts {
  const texts = new Map<string, CurrentText>()
  const unreadable: string[] = []
  const unfit: Violation[] = []
  for (const [key, path] of namedFiles(settings)) {
    try {
      const read = () => readFile(resolve(folder, path)).replace(/\r?\n$/, '')
      const text = read()
      texts.set(key, currentText(key, text, read))
      const rule = fault(key, text)
      if (rule !== null) unfit.push(broken(key, rule, path))
    } catch (error) {
      unreadable.push(`${key} must name a file that can be read: got ${quoted(path)} (${reasonOf(error)})`)
    }
  }
  if (unreadable.length === 0 && unfit.length === 0) unfit.push(...brokenPairs(texts, new Map(namedFiles(settings))))
  if (unreadable.length > 0) throw new ShoalError('config.unreadable', unreadable.join('\n'))
  if (unfit.length > 0) throw refusal(unfit)
  return texts
}

/**
 * What the file holds whenever it is asked for: secrets and certificates are rotated while the process runs. A file that
 * is not there or not fit at that moment is being replaced, so what it held before is given.
 */
function currentText(key: string, first: string, read: () => string): CurrentText {
  let known = first
  return () => {
    try {
      const text = read()
      if (fault(key, text) === null) known = text
    } catch {
      return known
    }
    return known
  }
}

/** Client certificates that no server could be shown. */
function* brokenPairs(texts: FileTexts, paths: ReadonlyMap<string, string>): Generator<Violation> {
  for (const section of ['kafka.tls', 'registry.tls', 'redis.tls']) {
    const of = (name: string) => texts.get(`${section}.${name}`)
    const [cert, key, passphrase] = [of('certFile'), of('keyFile'), of('keyPassphraseFile')]
    if (cert === undefined || key === undefined) continue
    const fault = faultOfPair({ cert: cert(), key: key(), passphrase: passphrase?.() ?? null })
    if (fault === null) continue
    const at = `${section}.${fault.key}`
    yield broken(at, fault.rule, paths.get(at) ?? null)
  }
}

/** Why a file cannot be read; a message of its own may name an absolute path, so only the system's code is taken. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unreadable'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

function namedFiles(settings: Settings): readonly (readonly [string, string])[] {
  return keysOf()
    .filter(({ path }) => path.at(-1)?.endsWith('File'))
    .flatMap(({ path }) => {
      const value = path.reduce<unknown>((at, name) => (at as Record<string, unknown> | null)?.[name] ?? null, settings)
      return typeof value === 'string' ? [[pathText(path), value] as const] : []
    })
}

/** What is wrong with the text of a file, as the rule that it breaks. */
function fault(key: string, text: string): string | null {
  if (text.trim() === '') return 'must name a file that is not empty'
  if (/\.(caFile|certFile)$/.test(key) && !text.includes('-----BEGIN CERTIFICATE-----'))
    return 'must name a PEM file with a certificate'
  if (key.endsWith('.keyFile') && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    return 'must name a PEM file with a private key'
  if (key === 'input.schemaFile' && !isAvroRecord(text)) return 'must name an Avro schema of a record, in JSON'
  if (key === 'http.tokensFile') {
    const read = parseTokenFile(text)
    return 'broken' in read ? read.broken : null
  }
  return null
}

function isAvroRecord(text: string): boolean {
  try {
    return (JSON.parse(text) as { type?: unknown } | null)?.type === 'record'
  } catch {
    return false
  }
}
