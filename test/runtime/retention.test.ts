import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type KeepPolicy, VersionHistory } from '../../src/runtime/retention.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const policy: KeepPolicy = { allForMs: hourMs, hourlyForMs: dayMs, dailyForMs: 30 * dayMs }
const startMs = 20_000 * dayMs

interface Published {
  readonly version: number
  readonly atMs: number
}

/** Versions of a life, from its birth on, some close together and some far apart. */
const lives = fc
  .array(fc.oneof(fc.nat(5_000), fc.nat(hourMs), fc.nat(3 * dayMs)), { minLength: 1, maxLength: 200 })
  .map((gaps) => {
    let atMs = startMs
    return gaps.map((gap, i): Published => {
      atMs += gap
      return { version: i + 1, atMs }
    })
  })

function historyOf(published: readonly Published[]): VersionHistory {
  const history = new VersionHistory(policy)
  for (const { version, atMs } of published) history.add(version, atMs)
  return history
}

/** What is left when the versions to forget have been forgotten, as often as there are any. */
function kept(published: readonly Published[], nowMs: number, most = 1000): readonly Published[] {
  const history = historyOf(published)
  const gone = new Set<number>()
  for (let expired = history.expired(nowMs, most); expired.length > 0; expired = history.expired(nowMs, most)) {
    history.forget(expired)
    for (const version of expired) gone.add(version)
  }
  return published.filter(({ version }) => !gone.has(version))
}

const laterBy = fc.oneof(fc.nat(hourMs), fc.nat(2 * dayMs), fc.nat(40 * dayMs))
const end = (published: readonly Published[]) => published[published.length - 1].atMs

test('the birth and every version of the last hour are kept', () => {
  fc.assert(
    fc.property(lives, laterBy, (published, later) => {
      const nowMs = end(published) + later
      const left = kept(published, nowMs)
      const mustStay = published.filter(({ version, atMs }) => version === 1 || nowMs - atMs < policy.allForMs)
      expect(left).toEqual(expect.arrayContaining([...mustStay]))
    }),
  )
})

test('of an older hour one version is kept for a day, of an older day one for a month, and none beyond', () => {
  fc.assert(
    fc.property(lives, laterBy, (published, later) => {
      const nowMs = end(published) + later
      const ages = (from: number, to: number) =>
        kept(published, nowMs).filter(({ version, atMs }) => version > 1 && nowMs - atMs >= from && nowMs - atMs < to)
      const hours = ages(policy.allForMs, policy.hourlyForMs).map(({ atMs }) => Math.floor(atMs / hourMs))
      const days = ages(policy.hourlyForMs, policy.dailyForMs).map(({ atMs }) => Math.floor(atMs / dayMs))
      expect(new Set(hours).size).toBe(hours.length)
      expect(new Set(days).size).toBe(days.length)
      expect(ages(policy.dailyForMs, Number.POSITIVE_INFINITY)).toEqual([])
    }),
  )
})

test('every hour of the last day, and every day of the last month, that had a version has one', () => {
  fc.assert(
    fc.property(lives, laterBy, (published, later) => {
      const nowMs = end(published) + later
      const left = kept(published, nowMs)
      for (const { version, atMs } of published.slice(1)) {
        const ageMs = nowMs - atMs
        if (ageMs >= policy.dailyForMs) continue
        const slotMs = ageMs < policy.hourlyForMs ? hourMs : dayMs
        const sameSlot = left.filter((other) => Math.floor(other.atMs / slotMs) === Math.floor(atMs / slotMs))
        expect(sameSlot.length, `a version beside ${version}`).toBeGreaterThan(0)
      }
    }),
  )
})

test('forgetting as time passes ends where forgetting late does, but for the hour that is a day ago and the day that is a month ago', () => {
  fc.assert(
    fc.property(lives, laterBy, laterBy, (published, later, more) => {
      const nowMs = end(published) + later
      const lastDay = Math.floor((nowMs + more - policy.dailyForMs) / dayMs)
      const lastHour = Math.floor((nowMs + more - policy.hourlyForMs) / hourMs)
      const isBefore = ({ version, atMs }: Published) =>
        version === 1 || (Math.floor(atMs / dayMs) > lastDay && Math.floor(atMs / hourMs) !== lastHour)
      const inSteps = kept(kept(published, nowMs), nowMs + more)
      const late = kept(published, nowMs + more)
      expect(inSteps.filter(isBefore)).toEqual(late.filter(isBefore))
      expect(late).toEqual(expect.arrayContaining([...inSteps]))
    }),
  )
})

test('versions of a clock that ran days ahead do not keep those that came after it was set right from ageing', () => {
  fc.assert(
    fc.property(lives, lives, laterBy, fc.integer({ min: 1, max: 7 }), (ahead, right, later, days) => {
      const rightAgain = right.map(({ version, atMs }) => ({ version: ahead.length + version, atMs }))
      const aheadMs = startMs + days * dayMs
      const published = [...ahead.map(({ version }) => ({ version, atMs: aheadMs })), ...rightAgain]
      const nowMs = end(published) + later
      const togetherMs = Math.min(aheadMs, right[0].atMs)
      const asIfTogether = [...ahead.map(({ version }) => ({ version, atMs: togetherMs })), ...rightAgain]
      const own = new VersionHistory(policy)
      own.addEarlier(new Map(published.map(({ version, atMs }) => [version, atMs])))
      expect(historyOf(published).expired(nowMs, 1000)).toEqual(historyOf(asIfTogether).expired(nowMs, 1000))
      expect(own.expired(nowMs, 1000)).toEqual(historyOf(asIfTogether).expired(nowMs, 1000))
    }),
  )
})

test('forgetting a few at a time ends where forgetting all at once does', () => {
  fc.assert(
    fc.property(lives, laterBy, fc.integer({ min: 1, max: 7 }), (published, later, most) => {
      const nowMs = end(published) + later
      expect(historyOf(published).expired(nowMs, most).length).toBeLessThanOrEqual(most)
      expect(kept(published, nowMs, most)).toEqual(kept(published, nowMs))
    }),
  )
})

test('what an earlier owner published counts as if this one had', () => {
  fc.assert(
    fc.property(lives, laterBy, fc.nat(200), (published, later, at) => {
      const nowMs = end(published) + later
      const own = new VersionHistory(policy)
      for (const { version, atMs } of published.slice(at)) own.add(version, atMs)
      own.addEarlier(new Map(published.slice(0, at + 3).map(({ version, atMs }) => [version, atMs])))
      expect(own.expired(nowMs, 1000)).toEqual(historyOf(published).expired(nowMs, 1000))
    }),
  )
})
