/** How a command ends. `shoal help` prints this table, and scripts may rely on it. */
import { CommanderError } from 'commander'
import { type ErrorCode, ShoalError } from '../runtime/errors.ts'

const exitCodes = {
  ok: { code: 0, meaning: 'It did what it was asked.' },
  failed: { code: 1, meaning: 'It could not; the message says why.' },
  wrongUse: { code: 2, meaning: 'The command line or the configuration breaks a rule.' },
  unavailable: {
    code: 3,
    meaning: 'Kafka, the registry, Redis or the API cannot be reached. The same command may succeed later.',
  },
  interrupted: { code: 130, meaning: 'It was interrupted (Ctrl-C or SIGTERM) before it was done.' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>

const wrongUse: readonly ErrorCode[] = ['config.invalid', 'config.unreadable', 'usage.invalid']
const unavailable: readonly ErrorCode[] = [
  'log.unavailable',
  'registry.unavailable',
  'snapshots.unavailable',
  'api.unavailable',
]

/** The exit code of a command that ended with this error. */
export function exitCodeOf(error: unknown): number {
  // Commander throws when it has printed the help (0) or found the command line wrong (1).
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok.code : exitCodes.wrongUse.code
  if (!(error instanceof ShoalError)) return exitCodes.failed.code
  if (error.code === 'stopped.interrupted') return exitCodes.interrupted.code
  if (wrongUse.includes(error.code)) return exitCodes.wrongUse.code
  return unavailable.includes(error.code) ? exitCodes.unavailable.code : exitCodes.failed.code
}

/** For the end of the help text. */
export function exitCodeTable(): string {
  const lines = Object.values(exitCodes).map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`)
  return `\nExit codes:\n${lines.join('\n')}`
}
