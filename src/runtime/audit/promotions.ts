/** What the trainer tells the audit, in the transaction that makes it so: births, and what became of commands. */
import type { Deed } from '../../core/command/control.ts'
import type { Model } from '../../core/model/model.ts'
import { driftIdOf } from '../../stages/drift-records.ts'
import { type AuditEntry, entryOf, type Fact } from './audit-record.ts'

/** By whom what nobody ordered was done. */
const itself = 'shoal'

export function birthEntry(model: Model): AuditEntry {
  const { version, k, d, trainedEvents, fingerprint, bornAtMs } = model
  return entryOf({
    kind: 'birth',
    what: 'birth',
    by: itself,
    outcome: 'promoted',
    version,
    facts: factsOf({ bornAtMs, clusters: k, columns: d, events: trainedEvents, fingerprint }),
  })
}

/** A command that the model has come to; a rollback that it did has promoted a version. */
export function deedEntry(model: Model, deed: Deed): AuditEntry {
  const { kind, by, reason, refused, version, atMs, driftNumber, targetVersion, asks, budget } = deed
  const isRollback = kind === 'rollback' && refused === ''
  return entryOf({
    kind: isRollback ? 'rollback' : 'command',
    what: kind,
    by,
    reason,
    outcome: isRollback ? 'promoted' : refused === '' ? 'obeyed' : 'refused',
    version,
    facts: factsOf({
      givenAtMs: atMs,
      ...(refused === '' ? {} : { refused }),
      ...(targetVersion === 0 ? {} : { targetVersion }),
      ...(driftNumber === 0 ? {} : { driftId: driftIdOf(model, driftNumber) }),
      ...(asks === null ? {} : { asks }),
      ...(budget === 0 ? {} : { budget }),
    }),
  })
}

export function factsOf(facts: Readonly<Record<string, string | number>>): Fact[] {
  return Object.entries(facts).map(([name, value]) => ({ name, value: String(value) }))
}
