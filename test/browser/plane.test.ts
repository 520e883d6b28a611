/** The map's plane while somebody looks: another one when a drift is accepted, and not before. */
import { expect, test } from 'vitest'
import { opened } from '../../tools/chromium.ts'
import { shownConsole } from './shown-console.ts'

const shown = shownConsole(6000)

test('the plane changes before the eyes of who looks when a drift is accepted, also where motion is not wanted', async () => {
  const page = await shown.at('#/')
  const still = await opened(shown.browser, `${shown.world.server.url}/#/`, { reducedMotion: 'reduce' })
  for (const each of [page, still.page]) await each.locator('.plane', { hasText: /^plane of version 1$/ }).waitFor()
  const findings = () => shown.world.api.service.follower.current()?.scorer.model.drift.findings ?? []
  for (let i = 0; i < 40 && !findings().some(({ accepted }) => accepted); i++) await shown.world.feed(1000, 6)
  for (const each of [page, still.page]) {
    await each.locator('.plane', { hasText: /when a drift was accepted$/ }).waitFor()
    expect(await each.locator('.plane').getAttribute('title')).toMatch(/^before, of version 1: across .+, up /)
  }
  expect(still.complaints).toEqual([])
  await still.page.context().close()
}, 200_000)
