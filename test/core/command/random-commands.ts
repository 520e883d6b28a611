/** Commands, and what a model remembers of them, as hostile as they may be while they are sound. */
import fc from 'fast-check'
import {
  askableKinds,
  type Command,
  carriesVersion,
  commandKinds,
  commandOf,
  policy,
} from '../../../src/core/command/command.ts'
import type { Control, Deed } from '../../../src/core/command/control.ts'

const version = fc.integer({ min: 1, max: 1e9 })
const number = fc.nat(5)
const text = fc.oneof(fc.constantFrom('x', 'Zoë, naïve', '\n\t\u0000'), fc.string({ minLength: 1, maxLength: 20 }))
const by = fc.oneof(fc.constant(policy), text)
const time = fc.constantFrom(0, 1_760_000_000_000, -1)
const events = fc.constantFrom(1, 20_000, Number.MAX_SAFE_INTEGER)
const budget = fc.constantFrom(5e-324, 1e-6, 0.005, 0.5)
const factor = fc.constantFrom(1, 1.5, 1e6)

const deed: fc.Arbitrary<Deed> = fc.record({
  version,
  kind: fc.constantFrom(...commandKinds),
  refused: fc.constantFrom('', 'it must not be'),
  reason: text,
  by,
  atMs: time,
  driftNumber: number,
  targetVersion: fc.oneof(fc.constant(0), version),
  asks: fc.constantFrom(null, ...askableKinds),
  factor,
  events,
  budget: fc.oneof(fc.constant(0), budget),
})

export const randomControl: fc.Arbitrary<Control> = fc.record({
  frozen: fc.option(fc.record({ sinceVersion: version, byPolicy: fc.boolean(), driftNumber: number })),
  haste: factor,
  hasteUntilEvents: fc.oneof(fc.constant(0), events),
  calm: fc.array(version, { maxLength: 16 }),
  healthyVersion: version,
  undone: fc.array(fc.record({ from: version, to: version }), { maxLength: 3 }),
  rolledBackAtWindow: fc.constantFrom(-1, 0, 1e9),
  asked: fc.array(fc.record({ driftNumber: number, kind: fc.constantFrom(...askableKinds), targetVersion: version }), {
    maxLength: 3,
  }),
  deeds: fc.array(deed, { maxLength: 3 }),
  budget,
  pinned: fc.uniqueArray(version, { maxLength: 64 }).map((versions) => versions.sort((a, b) => a - b)),
})

/** A sound command; a rollback carries these bytes, or some that are no version. */
export function randomCommand(
  target: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 1 }),
): fc.Arbitrary<Command> {
  return fc
    .record({
      kind: fc.constantFrom(...commandKinds),
      bornAtMs: fc.constantFrom(1, 1, 1, 2),
      reason: text,
      by,
      atMs: time,
      driftNumber: number,
      factor,
      events,
      asks: fc.constantFrom(...askableKinds),
      targetVersion: version,
      target,
      budget,
    })
    .map(({ kind, factor: faster, events: during, asks, target: bytes, driftNumber, budget: share, ...given }) =>
      commandOf(kind, {
        ...given,
        driftNumber: kind === 'ask' || kind === 'reject' ? driftNumber + 1 : driftNumber,
        ...(kind === 'learnFaster' ? { factor: faster, events: during } : {}),
        ...(kind === 'ask' ? { asks } : {}),
        ...(kind === 'budget' ? { budget: share } : {}),
        ...(carriesVersion(kind) ? { target: Uint8Array.from(bytes) } : {}),
      }),
    )
}
