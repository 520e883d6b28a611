/** The composition root: reads the environment, handles signals, and gives every command what it needs. */
import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { avroReader } from './adapters/registry/avro-values.ts'
import { jsonLog } from './adapters/telemetry/log.ts'
import { addAnomalies } from './cli/anomalies.ts'
import { addAudit } from './cli/audit.ts'
import type { BacktestContext } from './cli/backtest/one-run.ts'
import { addBacktest } from './cli/backtest.ts'
import { addChooseK } from './cli/choose-k.ts'
import { addConfig } from './cli/config.ts'
import { addConsume } from './cli/consume.ts'
import type { CliContext } from './cli/context.ts'
import { addDemo, type DemoContext } from './cli/demo.ts'
import { addDrift } from './cli/drift.ts'
import { addEvaluate } from './cli/evaluate.ts'
import { exitCodeOf, exitCodeTable } from './cli/exit-codes.ts'
import { addModel } from './cli/model.ts'
import { addProduce } from './cli/produce.ts'
import { addReference } from './cli/reference.ts'
import { addRun, type RunContext } from './cli/run.ts'
import { addStatus } from './cli/status.ts'
import { addToken } from './cli/token.ts'
import { addTop } from './cli/top.ts'
import { addTopics } from './cli/topics.ts'
import { addTrain } from './cli/train.ts'
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
import { openDemoWorld } from './demo-world.ts'
import { systemClock } from './runtime/clock.ts'
import type { Configuration } from './runtime/configuration/configuration.ts'
import { loadConfiguration } from './runtime/configuration/load.ts'
import { errorCatalogue, ShoalError } from './runtime/errors.ts'
import { serviceSettings } from './runtime/service-settings.ts'
import { serve } from './serve.ts'
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

function contextOf(signal: AbortSignal, entry: string): CliContext & RunContext & DemoContext & BacktestContext {
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
    serve: (configuration, transactionalId, index) => serve(configuration, transactionalId, index, process.env),
    tellParent: (message) => void process.send?.(message),
    openBacktest: openBacktestWorld,
    openDemo: (folder, partitions) =>
      openDemoWorld(loadConfiguration({ text: 'name: demo', env: {} }), folder, partitions),
  }
}

export function programOf(context: CliContext & RunContext & DemoContext & BacktestContext): Command {
  const program = new Command('shoal')
    .description('Streaming online clustering for Kafka: every event assigned, scored and explained, exactly once.')
    .version(release())
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('after', exitCodeTable())
  addRun(program, context)
  addDemo(program, context)
  addProduce(program, context)
  addConsume(program, context)
  addAnomalies(program, context)
  addDrift(program, context)
  addStatus(program, context)
  addTop(program, context)
  addModel(program, context)
  addAudit(program, context)
  addEvaluate(program, context)
  addBacktest(program, context)
  addChooseK(program, context)
  addTrain(program, context)
  addReference(program, context)
  addTopics(program, context)
  addToken(program, context)
  addConfig(program, context)
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
    await programOf(contextOf(interruptible(), entry)).parseAsync(process.argv)
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
