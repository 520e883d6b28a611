/** `shoal token`: a token for the API, and its line for `http.tokensFile`. */
import { randomBytes } from 'node:crypto'
import { type Command, Option } from 'commander'
import { hashOfToken } from '../runtime/configuration/token-list.ts'
import { roles } from '../runtime/role.ts'
import type { CliContext } from './context.ts'
import { writeLine } from './output.ts'

interface TokenOptions {
  readonly name: string
  readonly role: (typeof roles)[number]
  readonly json?: boolean
}

const secretBytes = 32

/** Adds the command. */
export function addToken(program: Command, { stdout }: Pick<CliContext, 'stdout'>): void {
  program
    .command('token')
    .description('make a token for the API, and its entry for the file that http.tokensFile names')
    .requiredOption('--name <name>', 'who is to use it: the audit names them so')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).makeOptionMandatory())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  shoal token --name grafana --role read
  shoal token --name checkout --role score
  shoal token --name anna --role operate

The token is shown once. The file holds its SHA-256, and is read again when it changes.`,
    )
    .action(async ({ name, role, json = false }: TokenOptions) => {
      const token = `shoal_${randomBytes(secretBytes).toString('base64url')}`
      const entry = { name, role, sha256: hashOfToken(token).toString('hex') }
      const text = `token: ${token}\n\nUnder \`tokens:\` of http.tokensFile:\n  - ${JSON.stringify(entry)}`
      await writeLine(stdout, json ? JSON.stringify({ token, entry }) : text)
    })
}
