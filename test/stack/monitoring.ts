/**
 * The examples of deploy/ at work: a Prometheus that scrapes and judges, an Alertmanager that delivers, and who receives it.
 * Everything waits a sixtieth of what it does in production, so that an alert comes within seconds.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { startAlertmanager, startPrometheus } from '../../tools/stack/prometheus.ts'

const deploy = join(import.meta.dirname, '..', '..', 'deploy')
const text = (file: string) => readFileSync(join(deploy, file), 'utf8')

/** As Alertmanager delivers it. */
export interface Delivered {
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  /** Of this machine's clock, in ms. */
  readonly atMs: number
}

export interface Monitoring {
  /** The address of Prometheus. */
  readonly prometheus: string
  /** All that was delivered, in order. */
  readonly delivered: readonly Delivered[]
  /** Whether the alert fires just now, as far as was delivered. */
  fires(alert: string): boolean
  /** Values of an expression, now. */
  ask(
    expr: string,
  ): Promise<readonly { readonly metric: Readonly<Record<string, string>>; readonly value: [number, string] }[]>
  /** Alerts that fire and are not delivered because of another. */
  inhibited(): Promise<readonly string[]>
  stop(): Promise<void>
}

/** Scrapes these addresses as the job `job`. */
export async function startMonitoring(job: string, targets: readonly string[]): Promise<Monitoring> {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-rules-'))
  const receiver = await startReceiver()
  const alertmanager = await startAlertmanager({ configuration: alertmanagerFor(receiver.url) })
  const files = ['shoal.recording.yml', 'shoal.alerts.yml']
  const all = files.map((name) => text(`prometheus/${name}`)).join('')
  for (const [from] of limits) if (!all.includes(from)) throw new Error(`no rule says ${from} any more`)
  const rules = files.map((name) => {
    const file = join(folder, name)
    writeFileSync(file, quickened(text(`prometheus/${name}`)))
    return file
  })
  const configuration = prometheusFor(job, targets, rules, new URL(alertmanager.address).host)
  const prometheus = await startPrometheus({ configuration })
  const { delivered } = receiver
  return {
    prometheus: prometheus.address,
    delivered,
    fires: (alert) => delivered.findLast(({ labels }) => labels.alertname === alert)?.status === 'firing',
    async ask(expr) {
      const answer = await fetch(`${prometheus.address}/api/v1/query?query=${encodeURIComponent(expr)}`)
      const { data } = (await answer.json()) as { data: { result: Awaited<ReturnType<Monitoring['ask']>> } }
      return data.result
    },
    async inhibited() {
      const answer = await fetch(`${alertmanager.address}/api/v2/alerts?active=true&inhibited=true`)
      const alerts = (await answer.json()) as { labels: { alertname: string }; status: { inhibitedBy: string[] } }[]
      return alerts.filter(({ status }) => status.inhibitedBy.length > 0).map(({ labels }) => labels.alertname)
    },
    async stop() {
      await Promise.all([prometheus.stop(), alertmanager.stop(), receiver.stop()])
      rmSync(folder, { recursive: true })
    },
  }
}

async function startReceiver() {
  const delivered: Delivered[] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    const { alerts } = JSON.parse(body) as { alerts: Omit<Delivered, 'atMs'>[] }
    delivered.push(...alerts.map((alert) => ({ ...alert, atMs: Date.now() })))
    response.writeHead(200).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}/alerts`, delivered, stop }
}

function alertmanagerFor(url: string): string {
  const example = parse(text('alertmanager/alertmanager.yml'))
  const times = { group_wait: '0s', group_interval: '1s', repeat_interval: '1h' }
  Object.assign(example.route, times)
  for (const route of example.route.routes) Object.assign(route, times)
  example.receivers[0].webhook_configs[0].url = url
  return stringify(example)
}

function prometheusFor(
  job: string,
  targets: readonly string[],
  rules: readonly string[],
  alertmanager: string,
): string {
  const example = parse(text('prometheus/prometheus.yml'))
  example.global = { scrape_interval: '1s', evaluation_interval: '1s' }
  example.rule_files = rules
  example.alerting.alertmanagers[0].static_configs = [{ targets: [alertmanager] }]
  example.scrape_configs[0].job_name = job
  example.scrape_configs[0].static_configs = [{ targets }]
  return stringify(example)
}

/** Seconds that a rule compares with, by what they are now; and restarts, whose pauses are not quicker here. */
const limits: readonly (readonly [from: string, to: string])[] = [
  ['job:shoal_lag_seconds:max > 60', 'job:shoal_lag_seconds:max > 6'],
  ['job:shoal_model_age_seconds:min > 600', 'job:shoal_model_age_seconds:min > 10'],
  ['job:shoal_snapshot_behind_seconds:min > 300', 'job:shoal_snapshot_behind_seconds:min > 5'],
  ['* 1800 *', '* 30 *'],
  ['(shoal_restarts_total[15m])) > 5', '(shoal_restarts_total[15m])) > 2'],
]

/** Ranges are a sixtieth of theirs, at least 5 s, and nothing needs to last longer than a second. */
function quickened(rules: string): string {
  const units = { m: 60, h: 3600, d: 86_400 } as const
  const sixtieth = (_: string, before: string, n: string, unit: 'm' | 'h' | 'd', after: string) =>
    `${before}${Math.max(5, (Number(n) * units[unit]) / 60)}s${after}`
  return limits
    .reduce((now, [from, to]) => now.replace(from, to), rules)
    .replace(/(\[|offset )(\d+)([mhd])(\]|\b)/g, sixtieth)
    .replace(/^( *for: )\d+[mh]$/gm, '$11s')
}
