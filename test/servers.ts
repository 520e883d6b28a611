/** How a test gets the real servers: those of test/contract, test/stack and test/faults, started once for the whole run. */
import { describe, inject } from 'vitest'
import type { ServerName } from '../tools/stack/stack.ts'

/** Null for a server that cannot be had on this machine. */
export type Servers = { readonly [N in ServerName]: string | null }

declare module 'vitest' {
  interface ProvidedContext {
    servers: Servers
  }
}

/**
 * `describe` for tests that need these servers: Kafka as host:port, the registry and Redis as URLs. Where one cannot
 * be had the tests are skipped, and so counted; the addresses then mean nothing, so use them in tests and hooks only.
 */
export function describeWith<N extends ServerName>(
  needed: readonly N[],
  title: string,
  body: (addresses: { readonly [M in N]: string }) => void,
): void {
  const servers: Servers | undefined = inject('servers')
  if (servers === undefined)
    throw new Error(
      `"${title}" needs servers: its file belongs into test/contract, test/stack or test/faults/scenarios`,
    )
  const addresses = Object.fromEntries(needed.map((name) => [name, servers[name] ?? 'not to be had'])) as {
    readonly [M in N]: string
  }
  const isMissing = needed.some((name) => servers[name] === null)
  describe.skipIf(isMissing)(title, () => body(addresses))
}
