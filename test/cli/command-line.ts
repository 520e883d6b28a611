/** The command line on the embedded log: what a test says to it, and what it prints. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { Command } from 'commander'
import { afterAll } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { memoryRegistry } from '../../src/adapters/memory/registry.ts'
import { avroReader } from '../../src/adapters/registry/avro-values.ts'
import { addAnomalies } from '../../src/cli/anomalies.ts'
import { addAudit } from '../../src/cli/audit.ts'
import type { BacktestContext } from '../../src/cli/backtest/one-run.ts'
import { addBacktest } from '../../src/cli/backtest.ts'
import { addChooseK } from '../../src/cli/choose-k.ts'
import { addCompare } from '../../src/cli/compare.ts'
import { addConsume } from '../../src/cli/consume.ts'
import type { CliContext } from '../../src/cli/context.ts'
import { addDrift } from '../../src/cli/drift.ts'
import { addEvaluate } from '../../src/cli/evaluate.ts'
import { exitCodeOf } from '../../src/cli/exit-codes.ts'
import { addModel } from '../../src/cli/model.ts'
import { addProduce } from '../../src/cli/produce.ts'
import { addPromote } from '../../src/cli/promote.ts'
import { addReference } from '../../src/cli/reference.ts'
import { addStatus } from '../../src/cli/status.ts'
import { addTop } from '../../src/cli/top.ts'
import { addTopics } from '../../src/cli/topics.ts'
import { addTrain } from '../../src/cli/train.ts'
import { openBacktestWorld, openSnapshots, toolTelemetry } from '../../src/compose.ts'
import { avroProjection } from '../../src/core/avro/avro-projection.ts'
import { jsonProjection } from '../../src/core/fields/json-projection.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { Configuration } from '../../src/runtime/configuration/configuration.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import type { EventLog, SchemaRegistry } from '../../src/runtime/ports.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import { source } from './program.ts'

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** What it threw, or ''. */
  readonly error: string
}

export interface CommandLine {
  readonly cluster: MemoryCluster
  readonly log: EventLog
  readonly registry: SchemaRegistry
  readonly configuration: Configuration
  readonly context: CliContext
  /** Runs `shoal …`; the signal interrupts it; `onWritten` is told all that it has printed up to now. */
  shoal(
    args: readonly string[],
    signal?: AbortSignal,
    onWritten?: (stdout: string) => void,
    /** Size of the terminal that stdout is; unset: it is none. */
    terminal?: { readonly columns: number; readonly rows: number },
  ): Promise<Ended>
  /** The path of a new file with this content. */
  file(name: string, content: string | Uint8Array): string
}

export const schemaText = (name: string) => readFileSync(new URL(`../../schemas/${name}.avsc`, import.meta.url), 'utf8')

/** One folder for all tests of a file, gone with the last of them. */
const scratch = mkdtempSync(join(tmpdir(), 'shoal-cli-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const made = { next: 0 }

/** `beside`: on the log of another one. */
export function commandLine(yaml = '', beside?: Pick<CommandLine, 'cluster' | 'registry'>): CommandLine {
  const cluster = beside?.cluster ?? new MemoryCluster({ clock: systemClock })
  const registry = beside?.registry ?? memoryRegistry()
  const configuration = loadConfiguration({ text: yaml, env: {} })
  const folder = join(scratch, String(made.next++))
  mkdirSync(folder)
  const makeContext = (stdout: Writable, stderr: Writable, signal: AbortSignal): BacktestContext => ({
    environment: {},
    stdout,
    stderr,
    isTerminal: false,
    signal,
    clock: systemClock,
    telemetry: toolTelemetry(),
    loadConfiguration: async (path, overrides) => {
      if (path != null) return loadConfiguration({ path, env: {} })
      return overrides === undefined ? configuration : loadConfiguration({ text: yaml, env: overrides })
    },
    settingsOf: serviceSettings,
    projectionOf: ({ input }, { plan }) =>
      input.format === 'json'
        ? jsonProjection(plan.fields, input)
        : avroProjection(plan.fields, { framing: 'registry', maxEventBytes: input.maxEventBytes }),
    openLog: async () => cluster.client(),
    openRegistry: async () => registry,
    openSnapshots,
    schema: schemaText,
    reader: (name, from) => avroReader(schemaText(name), from),
    program: source,
    tellParent: () => undefined,
    openBacktest: openBacktestWorld,
  })
  return {
    cluster,
    log: cluster.client(),
    registry,
    configuration,
    context: makeContext(new Writable(), new Writable(), new AbortController().signal),
    async shoal(args, signal = new AbortController().signal, onWritten = () => undefined, terminal) {
      const stdout = new Collected(onWritten)
      if (terminal !== undefined) Object.assign(stdout, terminal, { isTTY: true })
      const stderr = new Collected()
      const program = new Command('shoal').exitOverride()
      program.configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
      const context = makeContext(stdout, stderr, signal)
      const commands = [
        addProduce,
        addConsume,
        addDrift,
        addModel,
        addPromote,
        addCompare,
        addAudit,
        addAnomalies,
        addStatus,
        addTop,
        addEvaluate,
        addTopics,
        addBacktest,
        addChooseK,
        addTrain,
        addReference,
      ]
      for (const add of commands) add(program, context)
      for (const command of program.commands) inherit(command, program)
      try {
        await program.parseAsync(args, { from: 'user' })
        return { code: 0, stdout: stdout.text, stderr: stderr.text, error: '' }
      } catch (error) {
        return { code: exitCodeOf(error), stdout: stdout.text, stderr: stderr.text, error: String(error) }
      }
    },
    file(name, content) {
      const path = join(folder, name)
      writeFileSync(path, content)
      return path
    },
  }
}

function inherit(command: Command, from: Command): void {
  command.exitOverride().copyInheritedSettings(from)
  for (const below of command.commands) inherit(below, from)
}

class Collected extends Writable {
  text = ''
  private readonly onWritten: (text: string) => void
  constructor(onWritten: (text: string) => void = () => undefined) {
    super()
    this.onWritten = onWritten
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString()
    this.onWritten(this.text)
    done()
  }
}
