/** A real Chromium: the machine's own where it has one, else the one that a package brings. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome']
const alone = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking']

/** `environment` is added to that of this process. */
export async function launched(environment: Readonly<Record<string, string>> = {}): Promise<Browser> {
  const own = ownChromium()
  // As it is by then: the package adds where its libraries lie.
  const env = () => ({ ...process.env, ...environment })
  if (own !== null) return chromium.launch({ executablePath: own, args: alone, env: env() })
  // The package brings the libraries that a bare machine has not, and unpacks them only where it takes the machine for a Lambda.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x'
  const { default: packaged } = await import('@sparticuz/chromium')
  const executablePath = await packaged.executablePath()
  const args = [...packaged.args.filter((flag) => flag !== '--single-process'), ...alone]
  return chromium.launch({ executablePath, args, env: env() })
}

function ownChromium(): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK)
        return join(folder, name)
      } catch {
        // Not here.
      }
    }
  }
  return null
}

/** A page whose every complaint is kept: a script that fails, a rule of the policy that is broken. */
export interface Watched {
  readonly page: Page
  readonly complaints: string[]
}

/** What the browser says of answers that are no success: tests of them expect these. */
const ofAnswers = /Failed to load resource/

export async function opened(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !ofAnswers.test(message.text())) complaints.push(message.text())
  })
  await page.goto(url)
  return { page, complaints }
}
