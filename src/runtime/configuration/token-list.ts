/** The text of a file of tokens: who may do what, by the hash of a token, so that whoever reads the file can use none. */
import { createHash } from 'node:crypto'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Client, roles } from '../role.ts'

const mostTokens = 1000

const tokenFile = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(200),
        role: z.enum(roles),
        sha256: z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be 64 hexadecimal digits in lower case' }),
      }),
    )
    .max(mostTokens)
    .refine((tokens) => new Set(tokens.map(({ name }) => name)).size === tokens.length, {
      error: 'must not name two tokens alike',
    }),
})

/** A token by its SHA-256. */
export interface KnownToken extends Client {
  readonly hash: Buffer
}

/** What the text of a token file says, or which rule it breaks. */
export function parseTokenFile(text: string): { readonly tokens: readonly KnownToken[] } | { readonly broken: string } {
  let document: unknown
  try {
    document = parse(text)
  } catch {
    return { broken: 'must name a YAML file' }
  }
  const parsed = tokenFile.safeParse(document)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { broken: `must name a file of tokens: ${issue.path.join('.') || 'it'} ${issue.message}` }
  }
  return {
    tokens: parsed.data.tokens.map(({ name, role, sha256 }) => ({ name, role, hash: Buffer.from(sha256, 'hex') })),
  }
}

/** What a token file holds of a token. */
export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
