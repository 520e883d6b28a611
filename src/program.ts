/** The composition root: reads the environment, handles signals, and gives every command what it needs. */
import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { avroReader } from './adapters/registry/avro-values.ts'
import { jsonLog } from './adapters/telemetry/log.ts'
import type { BacktestContext } from './cli/backtest/one-run.ts'
import type { CliContext } from './cli/context.ts'
import type { DemoContext } from './cli/demo.ts'
import { exitCodeOf, exitCodeTable } from './cli/exit-codes.ts'
import type { RunContext } from './cli/run.ts'
import {
  openBacktestWorld,
  openKafka,
  openProjection,
  openRegistry,
  openSnapshots,
  release,
  schemaText,
  toolTelemetry,
} from './compose.ts'
import { systemClock } from './runtime/clock.ts'
import type { Configuration } from './runtime/configuration/configuration.ts'
import { loadConfiguration } from './runtime/configuration/load.ts'
import { errorCatalogue, ShoalError } from './runtime/errors.ts'
import { serviceSettings } from './runtime/service-settings.ts'
import { logDestination } from './terminal-log.ts'

const defaultFile = 'shoal.yaml'

async function load(
  path: string | null | undefined,
  overrides: Readonly<Record<string, string>> = {},
): Promise<Configuration> {
  const found = path === undefined && existsSync(defaultFile) ? defaultFile : undefined
  return loadConfiguration({ path: path ?? found, env: { ...process.env, ...overrides } })
}

function logOf(configuration: Configuration) {
  return jsonLog({ level: configuration.log.level, base: {}, destination: logDestination() })
}

function contextOf(signal: AbortSignal, entry: string): Context {
  return {
    environment: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    isTerminal: process.stderr.isTTY,
    signal,
    clock: systemClock,
    telemetry: toolTelemetry(),
    program: entry,
    loadConfiguration: load,
    settingsOf: serviceSettings,
    projectionOf: openProjection,
    openLog: async (configuration) =>
      openKafka(configuration, `${configuration.name}-tool-${process.pid}`, logOf(configuration)),
    openRegistry: async (configuration) => openRegistry(configuration),
    openSnapshots,
    schema: schemaText,
    reader: (name, registry) => avroReader(schemaText(name), registry),
    log: logOf,
    serve: async (configuration, transactionalId, index) =>
      (await import('./serve.ts')).serve(configuration, transactionalId, index, process.env),
    tellParent: (message) => void process.send?.(message),
    openBacktest: openBacktestWorld,
    openDemo: async (folder, partitions) =>
      (await import('./demo-world.ts')).openDemoWorld(
        loadConfiguration({ text: 'name: demo', env: {} }),
        folder,
        partitions,
      ),
  }
}

type Context = CliContext & RunContext & DemoContext & BacktestContext

/** What adds each command, in the order of the help. */
const commands: Readonly<Record<string, () => Promise<(program: Command, context: Context) => void>>> = {
  run: async () => (await import('./cli/run.ts')).addRun,
  demo: async () => (await import('./cli/demo.ts')).addDemo,
  produce: async () => (await import('./cli/produce.ts')).addProduce,
  consume: async () => (await import('./cli/consume.ts')).addConsume,
  anomalies: async () => (await import('./cli/anomalies.ts')).addAnomalies,
  drift: async () => (await import('./cli/drift.ts')).addDrift,
  status: async () => (await import('./cli/status.ts')).addStatus,
  top: async () => (await import('./cli/top.ts')).addTop,
  model: async () => (await import('./cli/model.ts')).addModel,
  promote: async () => (await import('./cli/promote.ts')).addPromote,
  compare: async () => (await import('./cli/compare.ts')).addCompare,
  audit: async () => (await import('./cli/audit.ts')).addAudit,
  evaluate: async () => (await import('./cli/evaluate.ts')).addEvaluate,
  backtest: async () => (await import('./cli/backtest.ts')).addBacktest,
  'choose-k': async () => (await import('./cli/choose-k.ts')).addChooseK,
  train: async () => (await import('./cli/train.ts')).addTrain,
  reference: async () => (await import('./cli/reference.ts')).addReference,
  topics: async () => (await import('./cli/topics.ts')).addTopics,
  token: async () => (await import('./cli/token.ts')).addToken,
  config: async () => (await import('./cli/config.ts')).addConfig,
}

/**
 * The command line. `word` is its first word: of a command's name, that command alone is loaded, since a process of the pipeline
 * has no use for the others, and no memory.
 */
export async function programOf(context: Context, word?: string): Promise<Command> {
  const program = new Command('shoal')
    .description('Streaming online clustering for Kafka: every event assigned, scored and explained, exactly once.')
    .version(release())
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('after', exitCodeTable())
  const wanted = word !== undefined && Object.hasOwn(commands, word) ? [commands[word]] : Object.values(commands)
  for (const add of await Promise.all(wanted.map((load) => load()))) add(program, context)
  return program
}

/** The first signal asks for an orderly end; a second one does not wait. */
function interruptible(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort()
    })
  }
  // A worker whose supervisor asks it to stop, or has died, perhaps while this program was still being loaded.
  process.on('disconnect', () => controller.abort())
  if (process.connected === false) controller.abort()
  return controller.signal
}

/** `shoal consume … | head`: whoever reads has had enough, which is no failure. Anything else is. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
}

/** `entry`: the file that the program was started by, and its workers are. Ends the process. */
export async function runProgram(entry: string): Promise<never> {
  endWithReader()
  try {
    const program = await programOf(contextOf(interruptible(), entry), process.argv[2])
    await program.parseAsync(process.argv)
  } catch (error) {
    if (error instanceof ShoalError) {
      process.stderr.write(`${error.message}\n`)
      if (!error.code.startsWith('config.') && error.code in errorCatalogue) {
        process.stderr.write(`${errorCatalogue[error.code].remedy}\n`)
      }
    } else if (!(error instanceof Error && error.name === 'CommanderError')) {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    }
    process.exitCode = exitCodeOf(error)
  }
  // kafkajs keeps timers of connections that are closed: nothing is left to wait for.
  process.exit()
}
