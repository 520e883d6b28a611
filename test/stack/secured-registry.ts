/** Apicurio behind TLS, whose users are those of an issuer: `admin` may do everything, `shoal` read and write, `reader` read. */
import { startRegistry } from '../../tools/stack/registry.ts'
import type { Server } from '../../tools/stack/server.ts'
import type { Authority } from './certificates.ts'
import { type Issuer, startIssuer } from './issuer.ts'

export interface SecuredRegistry {
  readonly server: Server
  readonly issuer: Issuer
  stop(): Promise<void>
}

const roles = { admin: 'sr-admin', shoal: 'sr-developer', reader: 'sr-readonly' }

/** The password of each is its name and `-secret`. */
export async function startSecuredRegistry(authority: Authority): Promise<SecuredRegistry> {
  const issuer = await startIssuer(60)
  for (const [client, role] of Object.entries(roles)) {
    issuer.clients.set(client, `${client}-secret`)
    issuer.roles.set(client, [role])
  }
  const server = await startRegistry({
    tls: { ...authority.issue('registry'), caFile: authority.caFile },
    authorization: `Basic ${Buffer.from('admin:admin-secret').toString('base64')}`,
    settings: {
      'quarkus.oidc.tenant-enabled': 'true',
      'quarkus.oidc.auth-server-url': issuer.url,
      'quarkus.oidc.token-path': issuer.tokenUrl,
      'quarkus.oidc.client-id': 'registry',
      'quarkus.oidc.roles.role-claim-path': 'groups',
      'apicurio.authn.basic-client-credentials.enabled': 'true',
      'apicurio.auth.role-based-authorization': 'true',
    },
  })
  return {
    server,
    issuer,
    async stop() {
      await server.stop()
      await issuer.close()
    },
  }
}
