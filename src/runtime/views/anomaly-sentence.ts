/** Why an event is unusual, in words. */
import type { FeaturePlan } from '../../core/features/feature-plan.ts'
import type { Contribution } from '../../core/score/explanation.ts'
import { dayText, hourText } from './phase-text.ts'

/** Features of less than this are not worth a word. */
const leastTold = 0.1
const mostTold = 3
/** A number so many times what is usual is told as such. */
const timesWorthTelling = 2

type Kind = FeaturePlan['features'][number]['spec']['transform']['kind']

/** Sizes, of which twice as much means something: of a longitude or a time of the day it does not. */
const sizes: readonly Kind[] = ['log', 'auto', 'squash']

/** What is unusual, and by how much: `amount 1,240 where 86 is usual (14 times as much); paidAt 3:12 where 14:06 is usual`. */
export function anomalySentence(contributions: readonly Contribution[], plan: FeaturePlan): string {
  const told = contributions.filter(({ share }, i) => i === 0 || share >= leastTold).slice(0, mostTold)
  return told.map((of) => clauseOf(of, kindOf(of.feature, plan))).join('; ')
}

/** What a profile says has the feature's transform, and is no size of its own. */
function kindOf(feature: string, plan: FeaturePlan): Kind {
  const spec = plan.features.find((of) => of.spec.name === feature)?.spec
  return spec === undefined || spec.profile !== undefined ? 'none' : spec.transform.kind
}

function clauseOf({ feature, value, expected }: Contribution, kind: Kind): string {
  const usual = expected === null ? null : said(expected, kind)
  if (value === null) return `${feature} is missing${usual === null ? '' : ` where ${usual} is usual`}`
  if (usual === null || expected === null) return `${feature} ${said(value, kind)}, which is not usual`
  return `${feature} ${said(value, kind)} where ${usual} is usual${sizes.includes(kind) ? timesOf(value, expected) : ''}`
}

function timesOf(value: number | string, expected: number | string): string {
  if (typeof value !== 'number' || typeof expected !== 'number' || !(expected > 0) || !(value > 0)) return ''
  const times = value / expected
  if (!Number.isFinite(times)) return ''
  if (times >= timesWorthTelling) return ` (${numberText(times)} times as much)`
  return times <= 1 / timesWorthTelling ? ` (${numberText(1 / times)} times less)` : ''
}

function said(value: number | string, kind: Kind): string {
  if (typeof value === 'string') return value
  if (kind === 'hourOfDay') return hourText(value)
  return kind === 'dayOfWeek' ? dayText(value) : numberText(value)
}

function numberText(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) return value.toPrecision(3)
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 })
}
