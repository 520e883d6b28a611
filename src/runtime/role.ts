/** What a client may do. A role includes only what it says: a scoring service need not see customers, nor a dashboard steer. */

export const roles = ['read', 'score', 'operate'] as const
export type Role = (typeof roles)[number]

/** Who asks, once it is known. */
export interface Client {
  /** Of the token; for people and the audit. */
  readonly name: string
  readonly role: Role
}

/** Whoever operates may do all. */
export function includes(role: Role, needed: Role): boolean {
  return role === needed || role === 'operate'
}
