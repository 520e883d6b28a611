/** Shoal on rows of two columns, watched by Prometheus and Alertmanager: what is done to it, and which alert comes of that. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '../../src/core/kmeans/random.ts'
import { isAlertmanagerAtHand, programOf } from '../../tools/stack/prometheus.ts'
import { inFull } from '../faults/describe-faults.ts'
import { withAdmin } from '../kafka-admin.ts'
import { until } from '../pipeline/harness.ts'
import { type Delivered, type Monitoring, startMonitoring } from './monitoring.ts'
import { type ShoalProcess, shoal, startShoal } from './shoal-process.ts'

/** `npm test` is to take minutes. */
const tooLong =
  'Alertmanager is neither on the PATH nor in the cache, and takes minutes to build: SHOAL_TEST_FAULTS=full npm test builds it.'

/** Why there is nobody to watch; null when there is. */
export async function unwatchable(): Promise<string | null> {
  try {
    await programOf('prometheus')
    if (!inFull(true, await isAlertmanagerAtHand())) throw new Error(tooLong)
    await programOf('alertmanager')
    return null
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    console.error(`\nSKIPPED: NO PROMETHEUS. ${reason}\n`)
    return reason
  }
}

interface Addresses {
  readonly kafka: string
  readonly registry: string
  readonly redis: string
}

const deadlineMs = 60_000

export class Watched {
  readonly name = `alerts-${randomUUID().slice(0, 8)}`
  readonly input = `${this.name}-rows`
  readonly processes: ShoalProcess[] = []
  private readonly folder = mkdtempSync(join(tmpdir(), 'shoal-alerts-'))
  readonly config = join(this.folder, 'shoal.yaml')
  private readonly random = new Random(3)
  private readonly kafka: string
  private watching: Monitoring | null = null

  /** `more`: further lines of the configuration. */
  constructor({ kafka, registry, redis }: Addresses, more = '') {
    this.kafka = kafka
    const brokers = `['${kafka.split(',').join("', '")}']`
    writeFileSync(
      this.config,
      `name: ${this.name}
input: { topic: ${this.input}, format: json, time: null }
features: [{ field: x, transform: none }, { field: y, transform: none }]
clusters: { k: 4 }
anomalies: { budget: 0.01 }
worker: { maxEventsPerTransaction: 500 }
kafka: { brokers: ${brokers}${more} }
registry: { url: '${registry}' }
redis: { url: '${redis}' }
`,
    )
  }

  get monitoring(): Monitoring {
    if (this.watching === null) throw new Error('nobody watches yet')
    return this.watching
  }

  /** So many processes, and who watches them as the job `rows`. */
  async start(processes: number): Promise<void> {
    await this.produce(10)
    for (let i = 0; i < processes; i++) this.processes.push(await startShoal(`${this.name}-${i}`, this.config))
    this.watching = await startMonitoring(
      'rows',
      this.processes.map(({ url }) => new URL(url).host),
    )
  }

  /** Rows about this place as new events, or this line again and again. */
  async produce(count: number, x = 0, line?: string): Promise<void> {
    const row = () => line ?? `${this.random.gaussian() + x},${this.random.gaussian()}`
    const file = join(this.folder, 'rows.csv')
    writeFileSync(file, ['x,y', ...Array.from({ length: count }, row), ''].join('\n'))
    await shoal('produce', file, '--config', this.config, '--partitions', '1')
  }

  /** Of all processes that answer. */
  async metric(metric: string, ...labels: readonly string[]): Promise<number> {
    const values = await Promise.all(this.processes.map((each) => each.metric(metric, ...labels)))
    return values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0)
  }

  /** Injects, and waits until this alert has been delivered. */
  async fires(alert: string, inject: () => Promise<unknown> | unknown = () => undefined): Promise<Delivered> {
    const sinceMs = Date.now()
    await inject()
    const found = () => this.monitoring.delivered.find((each) => isNew(each, alert, sinceMs))
    await until(
      () => found() !== undefined,
      () => `${alert}. ${this.told()}`,
      deadlineMs,
    )
    const one = found()!
    console.log(`${alert}: ${((one.atMs - sinceMs) / 1000).toFixed(1)} s after its cause`)
    return one
  }

  /** Waits until it does not fire any more. */
  async ends(alert: string): Promise<void> {
    await until(
      () => !this.monitoring.fires(alert),
      () => `the end of ${alert}. ${this.told()}`,
      deadlineMs,
    )
  }

  told(): string {
    const came = this.monitoring.delivered.map(({ status, labels }) => `${labels.alertname} ${status}`)
    return `Came: ${came.join(', ')}. Said: ${this.processes.map((each) => each.said()).join('\n')}`
  }

  /** As retention does: all of the input but the newest so many. */
  async deleteEventsBut(newest: number): Promise<void> {
    await withAdmin(this.kafka, async (admin) => {
      const [{ high }] = await admin.fetchTopicOffsets(this.input)
      const partitions = [{ partition: 0, offset: String(Number(high) - newest) }]
      await admin.deleteTopicRecords({ topic: this.input, partitions })
    })
  }

  /** The first process, at the address at which it is watched. */
  async startAgain(): Promise<void> {
    const [{ name, url }] = this.processes
    this.processes[0] = await startShoal(name, this.config, 1, { environment: { SHOAL_HTTP_PORT: new URL(url).port } })
  }

  async stop(): Promise<void> {
    for (const each of this.processes) each.signal('SIGKILL')
    await Promise.all(this.processes.map(({ ended }) => ended))
    await this.watching?.stop()
    await withAdmin(this.kafka, async (admin) => {
      const ours = (await admin.listTopics()).filter((topic) => topic.startsWith(this.name))
      await admin.deleteTopics({ topics: ours })
    })
    rmSync(this.folder, { recursive: true })
  }
}

function isNew({ labels, status, atMs }: Delivered, alert: string, sinceMs: number): boolean {
  return labels.alertname === alert && status === 'firing' && atMs > sinceMs
}
