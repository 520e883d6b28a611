/** A pipeline of a test's own: names that nobody else uses, a configuration file, produced input and its truth. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FeaturePlan } from '../../src/core/features/feature-plan.ts'
import type { Configuration } from '../../src/runtime/configuration/configuration.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import { createTopics, withAdmin } from '../kafka-admin.ts'
import { type ShoalProcess, shoal, startShoal } from './shoal-process.ts'

export interface Addresses {
  readonly kafka: string
  readonly registry: string
  readonly redis: string
}

export interface Pipeline {
  readonly name: string
  readonly input: string
  /** Its configuration file. */
  readonly file: string
  readonly configuration: Configuration
  readonly plan: FeaturePlan
  /** Writes the generator's events, one in a hundred of them invalid; gives their truth file's text. `rate`: events per second. */
  produce(events: number, rate?: number): Promise<string>
  /** `workers`: processes that it starts itself; 1, the default, is none. */
  start(name: string, workers?: number): Promise<ShoalProcess>
  /** Kills what still runs and removes files and topics. */
  discard(): Promise<void>
}

const partitions = 4

/** `more`: sections of its configuration, as YAML. `beside`: a deployment that it shadows, and is discarded before. */
export async function newPipeline(
  { kafka, registry, redis }: Addresses,
  more = '',
  beside?: Pick<Pipeline, 'name' | 'input'>,
): Promise<Pipeline> {
  const name = beside === undefined ? `test-${randomUUID().slice(0, 8)}` : `${beside.name}-green`
  const input = beside?.input ?? `${name}-transactions`
  const folder = await mkdtemp(join(tmpdir(), 'shoal-pipeline-'))
  const file = join(folder, 'shoal.yaml')
  // Small transactions and frequent versions: many of both in a short run. Short timeouts: a short wait for the dead.
  const text = `
name: ${name}
input: { topic: ${input} }
models: { publishEveryMs: 100, publishEveryEvents: 5000 }
worker: { maxEventsPerTransaction: 2000 }
kafka:
  brokers: [${kafka.split(',').join(', ')}]
  sessionTimeoutMs: 6000
  heartbeatIntervalMs: 500
  transactionTimeoutMs: 3000
registry: { url: '${registry}' }
redis: { url: '${redis}' }
${beside === undefined ? '' : `shadow: { of: ${beside.name} }`}
${more}
`
  await writeFile(file, text)
  const configuration = loadConfiguration({ path: file, env: {} })
  if (beside === undefined) {
    await withAdmin(kafka, (admin) => createTopics(admin, [{ topic: input, numPartitions: partitions }]))
  }
  const started: ShoalProcess[] = []
  return {
    name,
    input,
    file,
    configuration,
    plan: serviceSettings(configuration).plan,
    produce(events, rate) {
      const truth = produceInto(join(folder, 'truth.csv'), file, events, rate)
      // Whoever awaits it later meets the error; until then it must not count as unhandled.
      truth.catch(() => undefined)
      return truth
    },
    async start(process, workers) {
      const running = await startShoal(`${name}-${process}`, file, workers)
      started.push(running)
      return running
    },
    async discard() {
      for (const running of started) running.signal('SIGKILL')
      await Promise.all(started.map(({ ended }) => ended))
      await rm(folder, { recursive: true })
      await withAdmin(kafka, async (admin) => {
        const ours = (await admin.listTopics()).filter((topic) => topic.startsWith(name))
        await admin.deleteTopics({ topics: ours })
      })
    },
  }
}

async function produceInto(truth: string, config: string, events: number, rate: number | undefined): Promise<string> {
  const pace = rate === undefined ? [] : ['--rate', String(rate)]
  const what = ['--count', String(events), '--invalid', '1%', ...pace]
  await shoal('produce', '--config', config, ...what, '--truth', truth)
  return readFile(truth, 'utf8')
}
