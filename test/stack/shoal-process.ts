/** `shoal` as a user runs it: a process of its own, looked at through its HTTP address and its exit code. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { endWithUs } from '../../tools/stack/process.ts'
import { freePorts } from '../../tools/stack/server.ts'
import { ownEnvironment } from '../own-environment.ts'

const program = join(import.meta.dirname, '..', '..', 'src', 'main.ts')
const saidLines = 20

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ShoalProcess {
  /** Also its client id at the brokers. */
  readonly name: string
  readonly pid: number
  /** Of its first worker: `http://127.0.0.1:20404`. */
  readonly url: string
  readonly ended: Promise<Ended>
  signal(name: NodeJS.Signals): void
  /** The state in one line, as `/health/ready` gives it; what is wrong with the answer when there is none. */
  health(): Promise<string>
  /** The sum of a metric's samples whose labels contain all of these: `reason="malformed"`. NaN when there is no answer. */
  metric(name: string, ...labels: readonly string[]): Promise<number>
  /** The last lines of what it has said up to now. */
  said(): string
  /** All of them. */
  lines(): readonly string[]
}

/** A command at work. */
export interface Command {
  readonly ended: Promise<Ended>
  signal(name: NodeJS.Signals): void
  /** The last lines of what it has said up to now. */
  said(): string
}

/** Starts a command that goes on until it is told to end; it ends with this process, however that ends. */
export function startCommand(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Command {
  const { child, ended, said } = launch(program, args, environment)
  void ended.then(endWithUs(child.pid!, null))
  return { ended, said, signal: (which) => void child.kill(which) }
}

/** Runs a command to its end, whatever that is. */
export function attempt(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return launch(program, args, environment).ended
}

/** Runs a command to its end; throws with what it said when its exit code is not 0. */
export async function shoal(...args: readonly string[]): Promise<Ended> {
  const ended = await attempt(args)
  if (ended.code !== 0) throw new Error(`shoal ${args.join(' ')} ended with ${ended.code}: ${ended.stderr}`)
  return ended
}

/** What is started in place of this checkout's `shoal`, and what its environment holds besides. */
export interface Release {
  /** Of another checkout: its src/main.ts. */
  readonly file?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts `shoal run`; with several workers, what is asked over HTTP is asked of the first. It ends with this process, however that ends. */
export async function startShoal(
  name: string,
  config: string,
  workers = 1,
  { file = program, environment: more = {} }: Release = {},
): Promise<ShoalProcess> {
  const port = await freePorts(workers)
  const url = `http://127.0.0.1:${port}`
  const environment = { SHOAL_HTTP_PORT: String(port), SHOAL_KAFKA_CLIENT_ID: name, ...more }
  const { child, ended, said, lines } = launch(
    file,
    ['run', '--config', config, '--workers', String(workers)],
    environment,
  )
  const pid = child.pid!
  const callOff = endWithUs(pid, null)
  void ended.then(callOff)
  return {
    name,
    pid,
    url,
    ended,
    said,
    lines,
    signal: (which) => void child.kill(which),
    async health() {
      const answer = await fetch(`${url}/health/ready`).catch((error: Error) => error)
      if (answer instanceof Error) return `no answer: ${answer.message}`
      const { state, ready, reasons } = (await answer.json()) as { state: string; ready: boolean; reasons: string[] }
      if (ready !== (answer.status === 200)) return `status ${answer.status} although ready is ${ready}`
      return [ready ? 'ready' : 'not ready', state, ...reasons].join(': ')
    },
    async metric(metric, ...labels) {
      const answer = await fetch(`${url}/metrics`).catch(() => null)
      if (answer === null) return Number.NaN
      const text = await answer.text()
      const samples = text.split('\n').filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
      const wanted = samples.filter((line) => labels.every((label) => line.includes(label)))
      return wanted.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
    },
  }
}

function launch(file: string, args: readonly string[], environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [file, ...args], { env: ownEnvironment(environment) })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([code]): Ended => ({ code, stdout, stderr }))
  const lines = () => `${stdout}${stderr}`.split('\n')
  return { child, ended, lines, said: () => lines().slice(-saidLines).join('\n') }
}
