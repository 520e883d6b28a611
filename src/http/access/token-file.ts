/** The tokens of a file, which is read again when it changes: tokens come and go without a restart. */
import { timingSafeEqual } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { hashOfToken, type KnownToken, parseTokenFile } from '../../runtime/configuration/token-list.ts'
import type { Clock, Log } from '../../runtime/ports.ts'
import type { Client } from '../../runtime/role.ts'

const lookEveryMs = 1000

/** The client of a token, or null. Looks at every known one whichever it is: how long that takes tells nothing. */
function clientOf(tokens: readonly KnownToken[], token: string): Client | null {
  const hash = hashOfToken(token)
  let found: Client | null = null
  for (const known of tokens) if (timingSafeEqual(known.hash, hash)) found = { name: known.name, role: known.role }
  return found
}

/** The tokens of a file as it is now. What cannot be read, or breaks a rule, leaves those that were known. */
export class TokenFile {
  private readonly path: string
  private readonly clock: Clock
  private readonly log: Log
  private known: readonly KnownToken[] = []
  private changedMs = Number.NaN
  private lookedMs = Number.NEGATIVE_INFINITY

  constructor(path: string, clock: Clock, log: Log) {
    this.path = path
    this.clock = clock
    this.log = log
  }

  async client(token: string): Promise<Client | null> {
    if (this.clock.now() - this.lookedMs >= lookEveryMs) await this.look()
    return clientOf(this.known, token)
  }

  private async look(): Promise<void> {
    this.lookedMs = this.clock.now()
    try {
      const { mtimeMs } = await stat(this.path)
      if (mtimeMs === this.changedMs) return
      const read = parseTokenFile(await readFile(this.path, 'utf8'))
      this.changedMs = mtimeMs
      if ('tokens' in read) this.known = read.tokens
      else this.log.error(`http.tokensFile ${read.broken}; the tokens that were known go on being taken`)
    } catch (error) {
      this.log.error('http.tokensFile must be readable; the tokens that were known go on being taken', { error })
    }
  }
}
