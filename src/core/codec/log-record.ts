/** A record of `model-updates`: what a batch teaches, or a command. */
import type { Command } from '../command/command.ts'
import type { ModelUpdate } from '../model/update.ts'
import { decodeCommand } from './command-codec.ts'
import type { Decoded } from './model-codec.ts'
import { decodeUpdate } from './update-codec.ts'

type LogRecord = { readonly update: ModelUpdate } | { readonly command: Command }

/** Reads either; what is neither is refused, by what is wrong with it as an update. */
export function decodeLogRecord(bytes: Uint8Array): Decoded<LogRecord> {
  const update = decodeUpdate(bytes)
  if ('value' in update) return { value: { update: update.value } }
  if (update.refused === 'newer_format') return update
  const command = decodeCommand(bytes)
  if ('value' in command) return { value: { command: command.value } }
  return command.refused === 'newer_format' ? command : update
}
