/**
 * `npm run pictures:console`: docs/pictures/console-*.png, photographed from the console of `shoal demo` while it runs. It
 * takes some minutes, because a drift is waited for.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser } from 'playwright-core'
import type { DriftReport } from '../src/runtime/views/drift/report.ts'
import { launched, opened } from './chromium.ts'

const root = join(import.meta.dirname, '..')
const pictures = join(root, 'docs', 'pictures')
const size = { width: 1200, height: 760 }
/** So much history is on the charts. */
const firstMs = 60_000
const lookEveryMs = 500

const folder = await mkdtemp(join(tmpdir(), 'shoal-pictures-'))
const demo = spawn(
  process.execPath,
  [join(root, 'src', 'main.ts'), 'demo', '--json', '--rate', '3000', '--folder', folder],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
const browser = await launched()
try {
  const [line] = (await once(createInterface({ input: demo.stdout }), 'line')) as [string]
  const { console: url } = JSON.parse(line) as { console: string }
  await after(firstMs)
  await photograph(browser, url, 'overview', '#/', 'light')
  await photograph(browser, url, 'anomaly', '#/anomalies', 'dark', '.groups details:first-of-type a.anomaly')
  await photograph(browser, url, 'drift', `#/drift/${await openDrift(url)}`, 'light')
} finally {
  await browser.close()
  const ended = once(demo, 'exit')
  demo.kill('SIGTERM')
  await ended
  await rm(folder, { recursive: true })
}

/** `choose`: what is clicked first, in a list that is opened for it. */
async function photograph(
  from: Browser,
  url: string,
  name: string,
  address: string,
  colorScheme: 'light' | 'dark',
  choose?: string,
): Promise<void> {
  const { page } = await opened(from, `${url}/${address}`, { viewport: size, colorScheme })
  await page.locator('main section[data-state="ready"]').first().waitFor()
  if (choose !== undefined) {
    await page.locator('.groups summary').first().click()
    await page.locator(choose).first().click()
    await page.mouse.move(0, 0)
  }
  // Until the map has come to rest, and the trend of each line can be seen.
  await after(5_000)
  const path = join(pictures, `console-${name}.png`)
  await page.screenshot({ path })
  console.log(path.slice(root.length + 1))
  await page.context().close()
}

/** The id of a drift that is open. */
async function openDrift(url: string): Promise<string> {
  for (;;) {
    const { open } = (await (await fetch(`${url}/v1/drifts`)).json()) as DriftReport
    if (open.length > 0) return open[open.length - 1].id
    await after(lookEveryMs)
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
