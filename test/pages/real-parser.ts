/** The parser of the program itself, which says what it thinks of a command line and does nothing. */
import type { Command } from 'commander'
import { programOf } from '../../src/program.ts'
import { commandLine } from '../cli/command-line.ts'

function disarm(command: Command): void {
  command.action(() => undefined).configureOutput({ writeErr: () => undefined })
  for (const below of command.commands) disarm(below)
}

/** Why `shoal` does not take these; null: it does. */
export async function refusalOf(words: readonly string[]): Promise<string | null> {
  // Nothing of the context is used: no command does what it says.
  const program = await programOf(commandLine().context as Parameters<typeof programOf>[0])
  for (const command of program.commands) disarm(command)
  program.configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
  // Asked for its version it says that by an error, too.
  return program.parseAsync(words, { from: 'user' }).then(
    () => null,
    (error: Error) => (/^\d+\.\d+\.\d+$/.test(error.message) ? null : error.message.trim()),
  )
}
