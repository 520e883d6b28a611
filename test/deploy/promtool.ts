/** Prometheus' own checker of metrics and rules, for tests. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe } from 'vitest'
import { programOf } from '../../tools/stack/prometheus.ts'

/** Whether it found nothing wrong, and all that it said. */
export interface Verdict {
  readonly code: number | null
  readonly said: string
}

export type Promtool = (args: readonly string[], input?: string) => Promise<Verdict>

/** `describe` for tests that need it. Where it cannot be had they are skipped, and so counted. */
export async function describeWithPromtool(title: string, body: (promtool: Promtool) => void): Promise<void> {
  const program = await programOf('promtool').catch((error: Error) => error)
  if (program instanceof Error) console.error(`\nSKIPPED: NO PROMTOOL. ${program.message}\n`)
  const run: Promtool = async (args, input = '') => {
    const child = spawn(String(program), args)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
    child.stdin.end(input)
    const [code] = await once(child, 'close')
    return { code, said }
  }
  describe.skipIf(program instanceof Error)(title, () => body(run))
}
