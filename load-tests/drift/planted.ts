/** A stream with a change planted in it, and what may rightly be told of that change. */
import type { LabelledEvents } from '../../src/cli/backtest/labelled-events.ts'

/** What is told of a stream: a finding of Shoal's, or an alarm of another detector. */
export interface Told {
  /** Events that had been read when it was told. */
  readonly at: number
  /** Null: the detector knows no kinds. */
  readonly kind: string | null
  /** What changed most first; empty: it was not said. */
  readonly features: readonly string[]
  /** The whole of it in a sentence. */
  readonly message: string
}

export interface Plant {
  /** The first event that is not as those before it. */
  readonly at: number
  /** The change goes on up to here. */
  readonly until: number
  /** The kinds that it may be called. */
  readonly kinds: readonly string[]
  /** The features that change; empty: it is not one of features. */
  readonly features: readonly string[]
}

export interface PlantedStream {
  /** As a configuration file has it. */
  readonly configuration: object
  readonly events: LabelledEvents
  readonly count: number
  /** Null: all that is told is false. */
  readonly plant: Plant | null
  /** What is told of events before this one is not judged: a cycle is none before it has come again. */
  readonly judgedFrom: number
  /** Events that are scored together, then learned; unset: 1,000. */
  readonly batch?: number
}

export interface Scenario {
  /** As --only takes it. */
  readonly name: string
  readonly title: string
  /** The delay has a bound: the change is sudden and of a standard deviation. */
  readonly isSudden: boolean
  /** A day differs from hour to hour as every day does. */
  readonly hasCycle: boolean
  /** Nothing ever changes: as long as is wanted. */
  readonly isEndless: boolean
  /** `count`: so many events instead of the scenario's own, where nothing is planted. */
  stream(seed: number, count?: number): PlantedStream
}
