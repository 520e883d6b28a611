/** Certificates of a test's own making, by the keytool of the Java that runs the stack. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { java } from '../../tools/stack/maven.ts'
import { command } from '../../tools/stack/process.ts'

export const passphrase = 'for-this-run'

export interface Authority {
  /** Its certificate, PEM. */
  readonly ca: string
  /** Makes a server's certificate for 127.0.0.1: the path of a PKCS12 file with its key, under `passphrase`. */
  issue(): Promise<string>
}

/** Its files lie in `folder` under `name`. */
export async function newAuthority(folder: string, name: string): Promise<Authority> {
  const keytool = join(dirname(await java()), 'keytool')
  const run = (...args: readonly string[]) => command(keytool, args, 'keytool is part of Java')
  const file = (what: string): string => join(folder, `${name}-${what}`)
  const entry = (alias: string, store: string) => ['-alias', alias, '-keystore', store, '-storepass', passphrase]
  const fresh = ['-storetype', 'PKCS12', '-keyalg', 'EC', '-validity', '2']
  const own = entry('authority', file('authority.p12'))
  await run('-genkeypair', ...own, ...fresh, '-dname', `CN=${name}`, '-ext', 'bc:c')
  await run('-exportcert', '-rfc', '-file', file('ca.pem'), ...own)
  return {
    ca: await readFile(file('ca.pem'), 'utf8'),
    async issue() {
      const store = file('server.p12')
      const server = entry('server', store)
      const [request, signed] = [file('server.csr'), file('server.pem')]
      await run('-genkeypair', ...server, ...fresh, '-dname', 'CN=server')
      await run('-certreq', '-file', request, ...server)
      await run('-gencert', '-infile', request, '-outfile', signed, '-rfc', '-ext', 'san=ip:127.0.0.1', ...own)
      await run('-importcert', '-noprompt', '-file', file('ca.pem'), ...entry('authority', store))
      await run('-importcert', '-noprompt', '-file', signed, ...server)
      return store
    },
  }
}
