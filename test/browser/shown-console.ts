/** The console in a real browser: one service for the tests of a file, a page for each, of which nothing may complain. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { launched, opened, type Watched } from '../../tools/chromium.ts'
import { type Serving, serving } from '../http/serving.ts'

interface ShownConsole {
  /** There once the tests run. */
  readonly browser: Browser
  /** There once the tests run. */
  readonly world: Serving
  /** The page at that address; `url`: of another server than the service's own. */
  at(address: string, options?: BrowserContextOptions, url?: string): Promise<Page>
  asked<T>(path: string): Promise<T>
}

/** `events`: how many the service has scored before the first test. */
export function shownConsole(events: number): ShownConsole {
  let browser: Browser
  let world: Serving
  let watched: Watched | null = null
  beforeAll(async () => {
    browser = await launched()
    world = await serving()
    await world.feed(events)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await world.stop()
  })
  afterEach(async () => {
    await watched?.page.context().close()
    expect(watched?.complaints ?? []).toEqual([])
    watched = null
  })
  return {
    get browser() {
      return browser
    },
    get world() {
      return world
    },
    async at(address, options = {}, url = world.server.url) {
      watched = await opened(browser, `${url}/${address}`, options)
      return watched.page
    },
    asked: async <T>(path: string) => (await (await world.get(path)).json()) as T,
  }
}
