/** What can be ordered of the model from here, and the record that each order writes. */
import { count, percent } from '../numbers.tsx'

export type Order =
  | { readonly kind: 'freeze' | 'resume' | 'refit' | 'reseed' }
  | { readonly kind: 'rollback'; readonly to: number | null }
  | { readonly kind: 'pin' | 'unpin'; readonly version: number }
  | { readonly kind: 'budget'; readonly budget: number }
  | { readonly kind: 'approve' | 'reject'; readonly driftId: string }

interface OrderText {
  readonly button: string
  readonly title: string
  readonly writes: string
}

/** What a person reads before they order it. */
export function textOf(order: Order): OrderText {
  switch (order.kind) {
    case 'freeze':
      return {
        button: 'Freeze',
        title: 'Freeze learning',
        writes: 'One record, freeze. Events are scored as before; nothing is learned from them until resume.',
      }
    case 'resume':
      return {
        button: 'Resume',
        title: 'Resume learning',
        writes: 'One record, resume. Events are learned from again.',
      }
    case 'refit':
      return {
        button: 'Refit',
        title: 'Refit the clusters',
        writes: 'One record, refit: a step of upkeep now. Clusters keep their ids where they stay what they are.',
      }
    case 'reseed':
      return {
        button: 'Reseed',
        title: 'Seed the clusters anew',
        writes: 'One record, reseed: clusters are born anew from the sample of the model, as at its birth.',
      }
    case 'rollback': {
      const to = order.to === null ? 'the last healthy version' : `version ${count(order.to)}`
      return {
        button: 'Roll back',
        title: `Roll back to ${to}`,
        writes: `One record, rollback, which carries ${to} whole. The next versions go on from it; what was learned since is marked as undone.`,
      }
    }
    case 'pin':
      return {
        button: 'Pin',
        title: `Pin version ${count(order.version)}`,
        writes: `One record, pin: version ${count(order.version)} is kept until it is unpinned.`,
      }
    case 'unpin':
      return {
        button: 'Unpin',
        title: `Unpin version ${count(order.version)}`,
        writes: `One record, unpin: version ${count(order.version)} is kept no longer than any other.`,
      }
    case 'budget':
      return {
        button: 'Change budget',
        title: 'Change the budget',
        writes: `One record, budget: from then on ${percent(order.budget)} of the events may be called anomalous.`,
      }
    case 'approve':
      return {
        button: 'Approve',
        title: 'Approve what Shoal asks',
        writes: 'The record of the command that was asked for.',
      }
    case 'reject':
      return {
        button: 'Reject',
        title: 'Reject what Shoal asks',
        writes: 'One record, reject: the question is closed.',
      }
  }
}
