/** `shoal …` as a process of its own. */
import { shippedCommand } from './shipped.ts'
import { type Started, startProgram } from './started.ts'

export type ShoalProcess = Started

/** `nodeFlags` come before the program; `environment` is beside that of this process. */
export function startShoal(
  args: readonly string[],
  nodeFlags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): ShoalProcess {
  return startProgram([...shippedCommand(nodeFlags), ...args], { name: `shoal ${args[0]}`, environment })
}
