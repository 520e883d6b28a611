/** The main job out of the image, as its user, beside a real Kafka: it scores what is produced, is alive, and ends in order. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Report } from '../stack/cache.ts'
import { withAdmin } from '../stack/kafka-admin.ts'
import { commandLine, signal } from '../stack/process.ts'
import { freePort } from '../stack/server.ts'
import { had, type Outcome, obtainAll, stopAll } from '../stack/stack.ts'
import type { Buildah } from './buildah.ts'

const events = 3_000
const wanted = 1_000
const deadlineMs = 240_000
const node = '/usr/local/bin/node'
const shoal = '/app/dist/main.js'

/** Throws with what went wrong. */
export async function tryMainJob(buildah: Buildah, container: string, report: Report): Promise<void> {
  const servers = await obtainAll({ report })
  const folder = await mkdtemp(join(tmpdir(), 'shoal-image-'))
  const name = `image-${randomBytes(4).toString('hex')}`
  try {
    const port = await freePort()
    const configuration = {
      name,
      input: { topic: `${name}-in` },
      kafka: { brokers: [had(servers, 'kafka').address] },
      registry: { url: had(servers, 'registry').address },
      redis: { url: had(servers, 'redis').address },
    }
    // The folder is private to this user, and the image's user must read it. Any YAML reader reads JSON.
    await chmod(folder, 0o755)
    await writeFile(join(folder, 'shoal.yaml'), JSON.stringify(configuration), { mode: 0o644 })
    await scoreAndStop(containerRunner(buildah, container, folder, port), port, report)
  } finally {
    await forget(servers, name)
    await stopAll(servers)
    await rm(folder, { recursive: true, force: true })
  }
}

type Runner = (...args: readonly string[]) => ReturnType<Buildah['start']>

function containerRunner(buildah: Buildah, container: string, folder: string, port: number): Runner {
  const own = ['--isolation', 'chroot', '--volume', `${folder}:/etc/shoal:ro`, '--env', `SHOAL_HTTP_PORT=${port}`]
  return (...args) => buildah.start('run', ...own, container, '--', node, ...args)
}

async function scoreAndStop(inside: Runner, port: number, report: Report): Promise<void> {
  await toEnd(inside(shoal, 'produce', '--count', String(events), '--partitions', '2'))
  const main = inside(shoal, 'run')
  const ended = toEnd(main)
  ended.catch(() => {}) // Awaited below, or the failure before it is told.
  try {
    await Promise.race([ready(port), ended.then(() => Promise.reject(new Error('the main job ended by itself')))])
    await toEnd(inside('/app/alive.mjs'))
    report('the main job is ready, and its health check content')
    await assigned(inside)
    report(`${wanted} of its assignments are in Kafka`)
  } finally {
    // buildah itself would kill it: an engine signals the first process of the container.
    const pid = main.pid ?? 0
    signal(await firstInside(pid).catch(() => pid), 'SIGTERM')
  }
  await ended
  report('SIGTERM ended it with 0')
}

/** The first process in the container that process `pid` of buildah runs. */
async function firstInside(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(pid)]).catch(() => ({ stdout: '' }))
  for (const child of stdout.split('\n').filter(Boolean).map(Number)) {
    if ((await commandLine(child))?.startsWith(`${node} `)) return child
    const inside = await firstInside(child).catch(() => 0)
    if (inside !== 0) return inside
  }
  throw new Error(`nothing of the image runs below process ${pid}`)
}

/** `consume` ends where the topic ends, so it is asked again until the events have been scored. */
async function assigned(inside: Runner): Promise<void> {
  const deadline = Date.now() + deadlineMs
  for (;;) {
    const read = await toEnd(inside(shoal, 'consume', 'assignments', '--limit', String(wanted), '--json'))
    const lines = read.split('\n').filter((line) => line.startsWith('{')).length
    if (lines === wanted) return
    if (Date.now() > deadline) throw new Error(`of ${wanted} assignments ${lines} are there after ${deadlineMs} ms`)
  }
}

async function ready(port: number): Promise<void> {
  const deadline = Date.now() + deadlineMs
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null)
    if (answer?.ok) return
    if (Date.now() > deadline) throw new Error(`not ready after ${deadlineMs} ms: ${await answer?.text()}`)
    await sleep(200)
  }
}

/** What it printed; throws with what it said when it fails. */
async function toEnd(child: ReturnType<Buildah['start']>): Promise<string> {
  let [printed, said] = ['', '']
  child.stdout?.on('data', (chunk) => (printed += chunk))
  child.stderr?.on('data', (chunk) => (said += chunk))
  const [code, signal] = await once(child, 'close')
  if (code !== 0)
    throw new Error(`${child.spawnargs.slice(-4).join(' ')} ended with ${code ?? signal}: ${said}${printed}`)
  return printed
}

/** A server that was given is not ours to leave topics in. */
async function forget(servers: readonly Outcome[], name: string): Promise<void> {
  const kafka = servers.find((outcome) => outcome.name === 'kafka')
  if (kafka === undefined || 'failure' in kafka || kafka.server !== null) return
  await withAdmin(kafka.address, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(name))
    if (topics.length > 0) await admin.deleteTopics({ topics })
  })
}
