/** A record of the audit as people and other programs read it. */
import { z } from 'zod'
import type { KeptAudit } from '../audit/audit-reading.ts'
import { auditKinds, auditOutcomes } from '../audit/audit-record.ts'

export const auditViewSchema = z
  .object({
    offset: z.int().min(0).meta({ description: 'Its offset in the topic of the audit.' }),
    atMs: z.int().meta({ description: "When, by its writer's clock, in ms since the epoch." }),
    kind: z.enum(auditKinds).meta({ description: 'What it is about.' }),
    what: z.string().meta({ description: 'What was done or asked for: a command, a route, a birth.' }),
    by: z.string().meta({ description: 'Who: a person, a token, `policy`, or `shoal` itself.' }),
    reason: z.string().meta({ description: 'Why; empty: nobody said.' }),
    outcome: z.enum(auditOutcomes).meta({
      description:
        '`given`: a command was written to the log; `obeyed`: the model did it; `refused`: it did not, or nobody was let in; `recorded`: a configuration; `promoted`: a version that learning goes on from.',
    }),
    version: z.int().min(0).meta({ description: 'The version of the model that it made or was given to; 0: none.' }),
    facts: z.record(z.string(), z.string()).meta({ description: 'What else is known of it, by name.' }),
    differs: z
      .array(z.string())
      .meta({ description: 'Of a configuration, the keys that differ from the one recorded before it.' }),
    writer: z.string().meta({ description: 'Whose chain it belongs to.' }),
    sequence: z.int().min(0).meta({ description: 'Its number in that chain.' }),
    hash: z.string().meta({ description: 'Its SHA-256, in hex: with the offset it can be kept elsewhere.' }),
  })
  .meta({ id: 'AuditRecord', description: 'Something that somebody did, or was refused.' })

export type AuditView = z.infer<typeof auditViewSchema>

export function auditView(kept: KeptAudit): AuditView {
  const { offset, atMs, kind, what, by, reason, outcome, version, facts, differs, writer, sequence, hash } = kept
  return {
    ...{ offset, atMs, kind, what, by, reason, outcome, version },
    facts: Object.fromEntries(facts.map(({ name, value }) => [name, value])),
    differs: [...differs],
    ...{ writer, sequence, hash: Buffer.from(hash).toString('hex') },
  }
}
