/** The parts of the bench, in their order. */
import { codec, growth, kernel, stages } from './calculation.ts'
import type { Part } from './part.ts'
import { backlog, latency, overload, start } from './pipeline.ts'

export const parts: readonly Part[] = [stages, kernel, codec, growth, backlog, latency, overload, start]
