/** What is ordered of a model: a record of `model-updates` like any other, so whoever replays the log obeys it, too. */

/**
 * `freeze`: nothing is learned until `resume`; events are still scored and drift is still watched. `learnFaster`: the
 * half-life is divided for so many events. `refit`: a step of upkeep, now. `rollback`: what had been learned up to an older
 * version. `ask`: a person is to decide about what it names. `reject`: a person has decided against that. `reference`:
 * drift is looked for beside what it carries from here on. `pin`: a version is kept until `unpin`. `budget`: the share
 * that may be called anomalous from here on. `reseed`: the clusters are born anew from the sample of the model.
 */
export const commandKinds = [
  'freeze',
  'resume',
  'learnFaster',
  'refit',
  'rollback',
  'ask',
  'reject',
  'reference',
  'pin',
  'unpin',
  'budget',
  'reseed',
] as const
export type CommandKind = (typeof commandKinds)[number]

/** What a person may be asked to approve. */
export const askableKinds = ['freeze', 'learnFaster', 'refit', 'rollback'] as const satisfies readonly CommandKind[]
export type AskableKind = (typeof askableKinds)[number]

/** Whose command it is when no person gave it. */
export const policy = 'policy'

export interface Command {
  /** The life of the model that it is given to. */
  readonly bornAtMs: number
  readonly kind: CommandKind
  /** Why, for people. */
  readonly reason: string
  /** `policy`, or the person's name. */
  readonly by: string
  readonly atMs: number
  /** The drift that it reacts to; 0: none. */
  readonly driftNumber: number
  /** Of `learnFaster`: what the half-life is divided by, and for how many events. Else 1 and 0. */
  readonly factor: number
  readonly events: number
  /** Of `ask`: what is to be approved. */
  readonly asks: AskableKind | null
  /**
   * Of `ask`, the version that a rollback would lead to; of `rollback` that which it leads to; of `reference` that which
   * measured it; of `pin` and `unpin` that which they name. Else 0.
   */
  readonly targetVersion: number
  /**
   * Of `rollback`: that version as it was published, so that the log alone says what it leads to. Of `reference`: that
   * version with the reference in it. Else empty.
   */
  readonly target: Uint8Array
  /** Of `budget`: the share. Else 0. */
  readonly budget: number
}

/** Kinds that carry a version. */
export function carriesVersion(kind: CommandKind): boolean {
  return kind === 'rollback' || kind === 'reference'
}

/** Kinds that name a version which they do not carry. */
function namesVersion(kind: CommandKind): boolean {
  return kind === 'pin' || kind === 'unpin'
}

/** The plainest command of a kind. */
export function commandOf(
  kind: CommandKind,
  given: Pick<Command, 'bornAtMs' | 'reason' | 'by' | 'atMs'> & Partial<Command>,
): Command {
  return {
    driftNumber: 0,
    factor: 1,
    events: 0,
    asks: null,
    targetVersion: 0,
    target: new Uint8Array(0),
    budget: 0,
    ...given,
    kind,
  }
}

/** The longest reason and name, in UTF-16 units. */
export const mostReason = 1000
export const mostName = 200

/** What the half-life may be divided by. */
export const mostFactor = 1e6

/** The largest share of events that may be called anomalous. */
export const mostBudget = 0.5

/** What no command says, or null. */
export function problemOfCommand(command: Command): string | null {
  const { kind, factor, events, asks, targetVersion, target, driftNumber } = command
  const { reason, by } = command
  if (!(reason.length >= 1 && reason.length <= mostReason)) return `its reason must have 1 to ${mostReason} characters`
  if (!(by.length >= 1 && by.length <= mostName)) return `whose it is must have 1 to ${mostName} characters`
  if (!(driftNumber >= 0 && targetVersion >= 0)) return 'its drift and its version must not be negative'
  const isFaster = kind === 'learnFaster'
  if (!(factor >= 1 && factor <= mostFactor)) return `it must divide the half-life by 1 to ${mostFactor}: got ${factor}`
  if (isFaster ? events < 1 : events !== 0 || factor !== 1) return 'only learning faster must have events and a factor'
  if ((kind === 'ask') !== (asks !== null)) return 'a question must say what it asks for, and nothing else may'
  if (carriesVersion(kind) !== target.length > 0)
    return 'a rollback or a reference must carry its version, and nothing else may'
  if ((kind === 'ask' || kind === 'reject') && driftNumber === 0) return 'a question must be about a drift'
  if (namesVersion(kind) && targetVersion === 0) return 'a pin must name a version'
  return problemOfBudget(command)
}

function problemOfBudget({ kind, budget }: Command): string | null {
  if (kind !== 'budget') return budget === 0 ? null : 'nothing but a budget may name a share'
  return isBudget(budget) ? null : `a budget must be above 0 and at most ${mostBudget}: got ${budget}`
}

export function isBudget(share: number): boolean {
  return share > 0 && share <= mostBudget
}
