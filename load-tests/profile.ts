/**
 * Where the time of the whole pipeline goes: Shoal works off a backlog with V8's profiler on, and what the main thread did
 * is drawn as a flame graph.
 * node load-tests/profile.ts [--events 3000000] [--job groups|cards] [--from 0.4] [--out profile.html] [--json]
 *
 * `--from`: the share of the time that is left out first, in which the code is still being compiled. Beside the page lies
 * the profile itself, which the developer tools of a browser open. The profiler sees the time that passes: what else the
 * machine does makes every bar longer, and those of system calls most.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { textOf } from './results.ts'
import { type CpuProfile, flameOf, flamePage, heaviest } from './throughput/flame.ts'
import { jobNamed, openPipeline } from './throughput/pipeline.ts'

const shownFunctions = 25
const intervalUs = '500'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '3000000' },
    job: { type: 'string', default: 'groups' },
    from: { type: 'string', default: '0.4' },
    out: { type: 'string', default: 'profile.html' },
    json: { type: 'boolean', default: false },
  },
})
const say = (line: string) => process.stderr.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'shoal-profile-'))
const pipeline = await openPipeline(jobNamed(values.job), Number(values.events), say)
try {
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${intervalUs}`]
  const { eventsPerSecond } = await pipeline.run('profile', 1, { nodeFlags: flags })
  const profile: CpuProfile = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]), 'utf8'))
  const allUs = profile.timeDeltas.reduce((sum, us) => sum + us, 0)
  const flame = flameOf(profile, Number(values.from) * allUs)
  const functions = heaviest(flame, shownFunctions)
  const rate = Math.round(eventsPerSecond).toLocaleString('en-US')
  writeFileSync(values.out, flamePage(flame, `Shoal at ${rate} events a second, profiled`))
  const kept = `${values.out.replace(/\.html$/, '')}.cpuprofile`
  writeFileSync(kept, JSON.stringify(profile))
  if (values.json) process.stdout.write(`${JSON.stringify({ eventsPerSecond, functions }, null, 2)}\n`)
  else {
    const rows = functions.map(({ name, share }) => [name, `${(100 * share).toFixed(1)} %`])
    process.stdout.write(`${textOf({ head: ['function', 'of the time'], rows })}\n`)
  }
  say(`drawn in ${values.out}; ${kept} opens in a browser's developer tools`)
} finally {
  await pipeline.close()
  rmSync(folder, { recursive: true })
}
process.exit()
