/** The console in a real browser, on a service that runs and learns. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import type { AnomalyView } from '../../src/runtime/views/anomaly-view.ts'
import type { DriftReport } from '../../src/runtime/views/drift/report.ts'
import type { ModelView } from '../../src/runtime/views/model-view.ts'
import { opened } from '../../tools/chromium.ts'
import { shownConsole } from './shown-console.ts'

const shown = shownConsole(3000)
const { at, asked } = shown

describe('the overview', () => {
  test('says how it is in a sentence with the figures of the API, each part a link', async () => {
    const page = await at('#/')
    const { version } = await asked<ModelView>('/v1/model')
    const sentence = page.locator('.sentence')
    await sentence.getByRole('link', { name: `Serving version ${version.toLocaleString('en-US')}` }).waitFor()
    await sentence.getByRole('link', { name: /events\/s/ }).waitFor()
    await sentence.getByRole('link', { name: /behind/ }).waitFor()
    await sentence.getByRole('link', { name: /anomalous \(budget/ }).click()
    await page.getByRole('heading', { name: 'Anomalies', level: 2 }).waitFor()
  })

  test('paints events on the map, and a cluster that is pointed at lights up in the table', async () => {
    const page = await at('#/')
    const { clusters } = await asked<ModelView>('/v1/model')
    const centroids = page.locator('.centroid')
    await centroids.first().waitFor()
    expect(await centroids.count()).toBe(clusters.length)
    await expect.poll(() => paintedPixels(page), { timeout: 60_000 }).toBeGreaterThan(100)
    const id = String(clusters[0].id)
    await page.locator(`.centroid[data-cluster="${id}"]`).focus()
    await page.locator(`tr.cluster[data-cluster="${id}"][data-pointed="true"]`).waitFor()
  })

  test('has every digit of the API where a figure is pointed at', async () => {
    const page = await at('#/')
    const { clusters } = await asked<ModelView>('/v1/model')
    for (const { id, share, spread } of clusters) {
      const row = page.locator(`tr.cluster[data-cluster="${id}"]`)
      expect(await row.locator('td.share .num').getAttribute('title')).toBe(String(share))
      await row.locator(`.num[title="${spread}"]`).waitFor()
    }
  })

  test('draws throughput, lag and latency with one cross-hair, which the arrow keys move', async () => {
    const page = await at('#/')
    const charts = page.locator('.throughput .plot')
    await charts.nth(2).waitFor()
    const times = page.locator('.throughput .chart-now time')
    expect(await times.count()).toBe(0)
    await charts.first().focus()
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => times.count(), { timeout: 60_000 }).toBe(3)
    await expect.poll(async () => new Set(await times.allTextContents()).size, { timeout: 60_000 }).toBe(1)
  })

  test('opens a cluster with its whole centroid, and keeps the name that it is given', async () => {
    const { clusters, features } = await asked<ModelView>('/v1/model')
    const page = await at(`#/?cluster=${clusters[0].id}`)
    await page.getByLabel(/Name of cluster/).fill('small fares')
    await page.keyboard.press('Tab')
    expect(await page.locator('.centroid-values dt').count()).toBe(features.length)
    await page.reload()
    await page.locator('tr.cluster', { hasText: 'small fares' }).waitFor()
  })
})

describe('an anomaly', () => {
  test('is explained in a sentence and feature by feature, at an address that a colleague can open', async () => {
    const page = await at('#/anomalies')
    const { anomalies } = await asked<{ anomalies: readonly AnomalyView[] }>('/v1/anomalies?limit=250')
    await page.locator('.groups > li').first().waitFor()
    await page.locator('.groups summary').first().click()
    await page.locator('.groups details a.anomaly').first().click()
    await page.locator('.detail .explanation').waitFor()
    const explanation = ((await page.locator('.explanation').textContent()) ?? '').replace(/\.$/, '')
    const anomaly = anomalies.find(({ sentence }) => sentence === explanation)
    expect(anomaly).toBeDefined()
    expect(await page.locator('.features tbody tr').count()).toBe(anomaly?.contributions.length)
    await page.locator('.proof dd', { hasText: String(anomaly?.score) }).waitFor()

    const colleague = await opened(shown.browser, page.url())
    await colleague.page.locator('.explanation', { hasText: explanation }).waitFor()
    await colleague.page.context().close()
    expect(colleague.complaints).toEqual([])
  })

  test('that there is none of is said to be unknown', async () => {
    const page = await at('#/anomalies/0-0')
    await page.locator('.detail[data-state="failed"]').waitFor()
  })
})

describe('versions', () => {
  test('two of them differ by what the API says', async () => {
    await shown.world.feed(500)
    const { versions } = await asked<{ versions: readonly { version: number }[] }>('/v1/versions?limit=100')
    const [to, from] = [versions[0].version, versions[versions.length - 1].version]
    const page = await at('#/versions')
    await page.getByLabel(`from version ${from}`).check()
    await page.getByLabel(`to version ${to}`).check()
    await page.locator('.diff[data-state="ready"] tbody tr').first().waitFor()
    expect(page.url()).toContain(`from=${from}`)
  })

  test('a roll back asks for a reason, is done, and is seen with who and why', async () => {
    const { versions } = await asked<{ versions: readonly { version: number }[] }>('/v1/versions?limit=100')
    const target = versions[versions.length - 1].version
    const page = await at('#/versions')
    await page.locator(`tr[data-version="${target}"]`).getByRole('button', { name: 'Roll back' }).click()
    const dialogue = page.getByRole('dialog', { name: /Roll back to version/ })
    await dialogue.getByText('Writes to the log of model updates').waitFor()
    const give = dialogue.getByRole('button', { name: 'Roll back' })
    expect(await give.isDisabled()).toBe(true)
    await dialogue.getByLabel('Why').fill('the browser test wants it')
    await give.click()
    await dialogue.getByText(/rollback applied in version/).waitFor()
    await dialogue.getByRole('button', { name: 'Close' }).click()
    await page.locator('.deeds li', { hasText: 'the browser test wants it' }).waitFor()
    const { deeds } = await asked<ModelView>('/v1/model')
    expect(deeds[0]).toMatchObject({ kind: 'rollback', targetVersion: target, refused: '', by: 'local' })
  })

  test('a freeze is said in the first sentence, and resume ends it', async () => {
    const page = await at('#/versions')
    for (const [button, shown] of [
      ['Freeze', 'learning stands still'],
      ['Resume', 'Serving version'],
    ] as const) {
      await page.locator('.steer').getByRole('button', { name: button, exact: true }).click()
      const dialogue = page.getByRole('dialog')
      await dialogue.getByLabel('Why').fill('a browser test')
      await dialogue.getByRole('button', { name: button, exact: true }).click()
      await dialogue.getByText('applied in version').waitFor()
      await page.keyboard.press('Escape')
      await page.locator('.sentence a', { hasText: shown }).waitFor()
      await page.locator('.sentence a', { hasText: 'stands still' }).waitFor({
        state: button === 'Freeze' ? 'visible' : 'detached',
      })
    }
  })

  test('what the fold refuses is said with its reason', async () => {
    const page = await at('#/versions')
    await page.locator('.steer').getByRole('button', { name: 'Change budget' }).click()
    const dialogue = page.getByRole('dialog')
    await dialogue.getByLabel(/Share of the events/).fill('60')
    await dialogue.getByLabel('Why').fill('too much')
    await dialogue.locator('input').evaluate((input) => input.removeAttribute('max'))
    await dialogue.getByRole('button', { name: 'Change budget' }).click()
    await dialogue.getByText(/Not done/).waitFor()
  })
})

test('the pipeline shows every partition and every dependency', async () => {
  const page = await at('#/pipeline')
  await page.locator('.heat > i').nth(1).waitFor()
  await page.locator('.dependencies li', { hasText: 'kafka' }).waitFor()
  await page.locator('.node', { hasText: 'Score' }).waitFor()
})

test('a drift is seen by a page that is open, without being asked for', async () => {
  const page = await at('#/drift')
  await page.locator('.drift-events').waitFor()
  let feeding = true
  const feeder = (async () => {
    while (feeding) await shown.world.feed(1000, 40)
  })()
  try {
    await expect
      .poll(async () => (await asked<DriftReport>('/v1/drifts?kind=drift')).events.length, { timeout: 100_000 })
      .toBeGreaterThan(0)
    await page.locator('.time-row a[data-level="look"], .time-row a[data-level="bad"]').first().waitFor()
  } finally {
    feeding = false
    await feeder
  }
  await page.locator('.time-row a[data-level="look"], .time-row a[data-level="bad"]').first().click()
  await page.locator('.detail .explanation').waitFor()
  await page.locator('.density path.after').first().waitFor()
}, 200_000)

/** Pixels of the map that are not empty: code of the page, which knows what the test's compiler does not. */
function paintedPixels(page: Page): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('.map-holder canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return data.filter((value, i) => i % 4 === 3 && value > 0).length
  })()`)
}
