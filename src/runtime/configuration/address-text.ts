import type { Address } from './configuration.ts'

/** `host:port`, with brackets around a host of IPv6. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
