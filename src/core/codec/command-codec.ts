/**
 * A command as bytes: the Avro encoding of schemas/model-command.avsc. It lies among the model updates, so it is sealed
 * otherwise than they are: neither has a sound checksum when it is read as the other, whatever is in it.
 */
import { askableKinds, type Command, commandKinds, problemOfCommand } from '../command/command.ts'
import { AvroWriter } from './avro-writer.ts'
import { checksumBytes, type Decoded, modelFormat, open, sealed } from './model-codec.ts'

/** What the checksum of a command differs by from that of its bytes: "CMND". */
export const commandSeal = 0x434d4e44

export function encodeCommand(command: Command): Uint8Array {
  const writer = new AvroWriter(512)
  writer.int(modelFormat)
  writer.long(command.bornAtMs)
  writer.string(command.kind)
  writer.string(command.reason)
  writer.string(command.by)
  writer.long(command.atMs)
  writer.long(command.driftNumber)
  writer.double(command.factor)
  writer.long(command.events)
  writer.orNull(command.asks, (to, kind) => to.string(kind))
  writer.long(command.targetVersion)
  writer.bytes(command.target)
  writer.double(command.budget)
  return sealed(writer, commandSeal)
}

/** Reads a command; one that cannot be is refused, never obeyed. */
export function decodeCommand(bytes: Uint8Array): Decoded<Command> {
  const opened = open(bytes, commandSeal)
  if ('refused' in opened) return opened
  const reader = opened.value
  const bornAtMs = reader.long()
  const kind = reader.string()
  const [reason, by] = [reader.string(), reader.string()]
  const [atMs, driftNumber] = [reader.long(), reader.long()]
  const [factor, events] = [reader.double(), reader.long()]
  const asks = reader.orNull((from) => from.string())
  const targetVersion = reader.long()
  const target = Uint8Array.from(reader.bytes())
  const budget = reader.double()
  reader.fixed(checksumBytes)
  if (!reader.complete) return { refused: 'damaged', detail: 'its fields do not fit its schema' }
  const knownKind = commandKinds.find((known) => known === kind)
  const knownAsks = askableKinds.find((known) => known === asks) ?? null
  if (knownKind === undefined || (asks !== null && knownAsks === null)) {
    return { refused: 'damaged', detail: 'it must say what is to be done' }
  }
  const command = {
    bornAtMs,
    kind: knownKind,
    reason,
    by,
    atMs,
    driftNumber,
    factor,
    events,
    asks: knownAsks,
    targetVersion,
    target,
    budget,
  }
  const problem = problemOfCommand(command)
  return problem === null ? { value: command } : { refused: 'damaged', detail: problem }
}
