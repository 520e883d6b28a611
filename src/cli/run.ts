/** `shoal run`: the pipeline, in this process or in several. */
import { randomBytes } from 'node:crypto'
import { type Command, Option } from 'commander'
import type { Configuration } from '../runtime/configuration/configuration.ts'
import type { Clock, Log } from '../runtime/ports.ts'
import { wholeNumber, withConfig } from './options.ts'
import { runWorkers } from './worker-processes.ts'

/** A running process of the pipeline. */
export interface Serving {
  stop(): Promise<void>
}

export interface RunContext {
  readonly signal: AbortSignal
  readonly clock: Clock
  /** The file that this program was started from. */
  readonly program: string
  loadConfiguration(path: string | undefined): Promise<Configuration>
  log(configuration: Configuration): Log
  /** `transactionalId` names this worker among all that live. */
  serve(configuration: Configuration, transactionalId: string, index: number): Promise<Serving>
}

interface RunOptions {
  readonly config?: string
  readonly workers: number
  readonly worker?: string
}

const examples = `
Examples:
  # work on the input topic of shoal.yaml until Ctrl-C
  shoal run

  # two processes on this machine; each takes a share of the partitions
  shoal run --config shoal.yaml --workers 2

  # the same with brokers from the environment
  SHOAL_KAFKA_BROKERS=kafka-1:9092,kafka-2:9092 shoal run

Any number of processes, here or on other machines, share the work: Kafka decides who owns which partition. With
several workers here, worker n serves health and metrics at http.port + n. SIGTERM or Ctrl-C finishes the transaction in
flight and leaves the group; whoever is killed instead is replaced after the session timeout, with nothing lost or twice.`

/** Adds the command. */
export function addRun(program: Command, context: RunContext): void {
  withConfig(program.command('run'))
    .description('assign, score and learn from the input topic until interrupted')
    .option('--workers <n>', 'processes on this machine', wholeNumber(1, 256), 1)
    .addOption(new Option('--worker <id>', 'given by --workers to the processes that it starts').hideHelp())
    .addHelpText('after', examples)
    .action((options: RunOptions) => run(context, options))
}

async function run(context: RunContext, { config, workers, worker }: RunOptions): Promise<void> {
  const configuration = await context.loadConfiguration(config)
  const supervisor = `${configuration.name}-${randomBytes(6).toString('hex')}`
  if (workers === 1) {
    const transactionalId = worker ?? `${supervisor}-0`
    await serveUntil(context, configuration, transactionalId, Number(transactionalId.split('-').at(-1)))
    return
  }
  const { clock, program, signal } = context
  await runWorkers(
    {
      program,
      workers,
      argumentsOf: (index) => [
        'run',
        ...(config === undefined ? [] : ['--config', config]),
        '--worker',
        `${supervisor}-${index}`,
      ],
      clock,
      log: context.log(configuration),
      shutdownMs: configuration.worker.shutdownMs,
    },
    signal,
  )
}

async function serveUntil(
  context: RunContext,
  configuration: Configuration,
  transactionalId: string,
  index: number,
): Promise<void> {
  const serving = await context.serve(configuration, transactionalId, index)
  if (!context.signal.aborted) {
    await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve(), { once: true }))
  }
  await serving.stop()
}
