/** What holds for every view: who may see it, and how: by keyboard, on a phone, in the dark, with the stream lost. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HttpServer } from '../../src/http/server.ts'
import { hashOfToken } from '../../src/runtime/configuration/token-list.ts'
import type { AnomalyView } from '../../src/runtime/views/anomaly-view.ts'
import type { VersionView } from '../../src/runtime/views/version-view.ts'
import { launched, opened } from '../../tools/chromium.ts'
import { listening } from '../http/listening.ts'
import { serving } from '../http/serving.ts'
import { shownConsole } from './shown-console.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const shown = shownConsole(3000)
const { at, asked } = shown

/** Every view, and what can be opened in it. */
async function addresses(): Promise<readonly string[]> {
  const { anomalies } = await asked<{ anomalies: readonly AnomalyView[] }>('/v1/anomalies?limit=1')
  const { versions } = await asked<{ versions: readonly VersionView[] }>('/v1/versions?limit=100')
  const [{ partition, offset }] = anomalies
  const pair = `from=${versions[versions.length - 1].version}&to=${versions[0].version}`
  return ['#/', '#/anomalies', `#/anomalies/${partition}-${offset}`, '#/drift', `#/versions?${pair}`, '#/pipeline']
}

/** No panel is loading any more. */
async function settled(page: Page): Promise<void> {
  await page.locator('main section.panel').first().waitFor()
  await expect.poll(() => page.locator('section[data-state="loading"]').count(), { timeout: 60_000 }).toBe(0)
}

describe.each(['light', 'dark'] as const)('in the %s', (colorScheme) => {
  test('axe finds no violation on any view', async () => {
    const page = await at('#/', { colorScheme, reducedMotion: 'reduce' })
    const found: string[] = []
    for (const address of await addresses()) {
      await page.goto(`${shown.world.server.url}/${address}`)
      await settled(page)
      found.push(...(await violations(page)).map((violation) => `${address} ${violation}`))
    }
    expect(found).toEqual([])
    await page.goto(`${shown.world.server.url}/#/versions`)
    await page.locator('.steer').getByRole('button', { name: 'Freeze' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await violations(page)).toEqual([])
  })
})

test('on a phone no view is wider than the screen', async () => {
  const page = await at('#/', { viewport: { width: 360, height: 740 } })
  for (const address of await addresses()) {
    await page.goto(`${shown.world.server.url}/${address}`)
    await settled(page)
    expect(`${address} ${await page.evaluate('document.documentElement.scrollWidth')}`).toBe(`${address} 360`)
  }
  await page.goto(`${shown.world.server.url}/#/versions`)
  await page.locator('.row-commands button').nth(3).click()
  await page.getByRole('dialog').waitFor()
  expect(await page.evaluate('document.querySelector("dialog").scrollWidth')).toBeLessThanOrEqual(360)
})

test('every view is reached by keyboard alone', async () => {
  const page = await at('#/')
  await settled(page)
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Skip to the view')
  for (const name of ['Shoal', 'Overview', 'Anomalies']) {
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe(name)
  }
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Anomalies', level: 2 }).waitFor()
  await page.locator('.groups a, .groups summary').first().focus()
  await page.keyboard.press('Enter')
  await page.locator('.groups a').first().focus()
  await page.keyboard.press('Enter')
  await page.locator('.explanation').waitFor()
})

test('the colours are what the machine has, until somebody says otherwise, and then for ever', async () => {
  const page = await at('#/pipeline', { colorScheme: 'dark' })
  const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  expect(await paper()).toBe('rgb(16, 20, 22)')
  await page.getByRole('button', { name: /Colours: auto/ }).click()
  expect(await paper()).toBe('rgb(250, 250, 248)')
  await page.reload()
  await page.getByRole('button', { name: /Colours: light/ }).waitFor()
  expect(await paper()).toBe('rgb(250, 250, 248)')
})

test('is shown where the locale is C, whose name for the language no library takes', async () => {
  const bare = await launched({ LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' })
  try {
    const { page, complaints } = await opened(bare, `${shown.world.server.url}/#/`)
    await settled(page)
    expect(complaints).toEqual([])
  } finally {
    await bare.close()
  }
})

test('nothing moves where motion is not wanted', async () => {
  const page = await at('#/pipeline', { reducedMotion: 'reduce' })
  await page.locator('.flow').first().waitFor()
  expect(await page.evaluate('document.getAnimations().length')).toBe(0)
})

test('a stream that is lost is said to be lost, since when, and comes back by itself', async () => {
  let server: HttpServer = await listening({ api: () => shown.world.api })
  const { url } = server
  try {
    const page = await at('#/', {}, url)
    await settled(page)
    await server.close()
    await page.locator('.connection-lost', { hasText: /Not live since \d\d:\d\d:\d\d/ }).waitFor()
    await page.locator('.map .staleness', { hasText: 'as of' }).waitFor()
    server = await listening({ api: () => shown.world.api, port: Number(new URL(url).port) })
    await page.locator('.connection-lost').waitFor({ state: 'detached' })
    await page.locator('.map .staleness').waitFor({ state: 'detached' })
  } finally {
    await server.close()
  }
})

test('what cannot be had says why, and how to try again', async () => {
  let isThere = false
  const server = await listening({ api: () => (isThere ? shown.world.api : null) })
  try {
    const page = await at('#/', {}, server.url)
    const map = page.locator('.map')
    await map.getByText('This cannot be shown').waitFor()
    isThere = true
    await map.getByRole('button', { name: 'Try again' }).click()
    await page.locator('.map[data-state="ready"]').waitFor()
  } finally {
    await server.close()
  }
})

test('while a model is awaited, it is said how many events of how many have come', async () => {
  const young = await serving()
  try {
    const page = await at('#/', {}, young.server.url)
    await page.locator('.sentence', { hasText: 'Waiting for a model' }).waitFor()
    await page.getByRole('progressbar').waitFor()
    await young.feed(1000)
    await page.locator('.sentence', { hasText: 'Serving version' }).waitFor()
  } finally {
    await young.stop()
  }
})

describe('with tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-browser-'))
  const tokensPath = join(folder, 'tokens.yaml')
  const entry = (name: string) =>
    `  - { name: ${name}, role: read, sha256: ${hashOfToken(`${name}-token`).toString('hex')} }\n`
  let server: HttpServer
  beforeAll(async () => {
    writeFileSync(tokensPath, `tokens:\n${entry('anna')}`)
    server = await listening({ api: () => shown.world.api, access: { tokensPath, oidc: null } })
  })
  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })

  test('a stranger signs in and lands where the address led to; who may only read cannot command', async () => {
    const page = await at('#/versions', {}, server.url)
    await page.getByLabel('Token').fill('a wrong one')
    await page.keyboard.press('Enter')
    await page.getByText('this token is not known').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByLabel('Token').fill('anna-token')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('.steer').getByRole('button', { name: 'Freeze' }).click()
    const dialogue = page.getByRole('dialog')
    await dialogue.getByLabel('Why').fill('to see whether I may')
    await dialogue.getByRole('button', { name: 'Freeze' }).click()
    await dialogue.getByText(/Not allowed: .*operate/).waitFor()
  })

  test('a session that ends asks for a token where it was', async () => {
    const page = await at('#/drift', {}, server.url)
    await page.getByLabel('Token').fill('anna-token')
    await page.keyboard.press('Enter')
    await page.locator('.detectors').waitFor()
    await page.context().clearCookies()
    await page.getByLabel('Token').fill('anna-token')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('.detectors').waitFor()
    expect(page.url()).toContain('#/drift')
  })
})

function focused(page: Page): Promise<string> {
  return page.evaluate('document.activeElement.textContent.trim()')
}

/** Of WCAG 2.2 AA and of what axe calls good practice. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource)
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`)
}
