/** Trainers on the embedded log, which may be killed at any request, and the single-threaded fold that all must equal. */
import type { MemoryClient } from '../../src/adapters/memory/client.ts'
import type { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import type { Request, Wire } from '../../src/adapters/memory/wire.ts'
import { encodeModel } from '../../src/core/codec/model-codec.ts'
import { jsonProjection } from '../../src/core/fields/json-projection.ts'
import type { Model } from '../../src/core/model/model.ts'
import type { Clock, EventLog, Membership } from '../../src/runtime/ports.ts'
import { type TrainWorkerOptions, trainShare } from '../../src/runtime/train-worker.ts'
import { foldRecord } from '../../src/stages/train.ts'
import { readBack } from '../core/model/read-back.ts'
import { sampleFingerprint } from '../core/model/sample-model.ts'
import { readTopic } from '../pipeline/harness.ts'
import { ManualClock } from './manual-clock.ts'
import {
  eventually,
  type Following,
  following,
  k,
  makeTopics,
  modelWorld,
  plan,
  storedModels,
  topics,
} from './model-world.ts'

export const trainGroup = 'cards.train'

export interface Trainer extends Following {
  readonly client: MemoryClient
  readonly membership: Membership
  readonly owns: boolean
  /** Leaves in order. */
  stop(): Promise<void>
}

/** An embedded log with the topics that a trainer works on, and the time, which stands still. */
export interface TrainersWorld {
  readonly clock: ManualClock
  readonly cluster: MemoryCluster
  readonly log: EventLog
  /** Time passes until the check passes. */
  later(check: () => unknown): Promise<unknown>
  /** Numbers of the versions that the log holds. */
  versions(): Promise<readonly number[]>
}

export async function trainersWorld(): Promise<TrainersWorld> {
  const clock = new ManualClock()
  const { cluster, log } = modelWorld(clock)
  await makeTopics(log)
  return {
    clock,
    cluster,
    log,
    later: (check) =>
      eventually(() => {
        clock.advance(500)
        return check()
      }),
    versions: async () => (await storedModels(log)).map(({ version }) => version),
  }
}

export const versionOf = ({ follower }: Trainer): number | undefined => follower.current()?.scorer.version

/** What it has logged. */
export const said = ({ telemetry }: Trainer): readonly string[] => telemetry.log.lines.map(({ message }) => message)

export function startTrainer(
  cluster: MemoryCluster,
  clock: Clock,
  change: Partial<TrainWorkerOptions> & { readonly wire?: Wire; readonly enoughEvents?: number } = {},
): Trainer {
  const client = cluster.client(change.wire)
  const one = following(client, null)
  const ended = new AbortController()
  void one.follower.run(ended.signal)
  const state = { owns: false }
  const options: TrainWorkerOptions = {
    name: 'cards',
    plan,
    fingerprint: sampleFingerprint,
    k,
    seed: 1,
    halfLifeEvents: 100_000,
    rarityHalfLifeEvents: 20_000,
    budget: 0.005,
    modelsTopic: topics.models,
    updatesTopic: topics.updates,
    modelSchemaId: 1,
    driftEvents: { topic: topics.driftEvents, schemaId: 2, name: 'cards' },
    follower: one.follower,
    health: one.health,
    sample: {
      topic: topics.input,
      partitions: 1,
      plan,
      profiles: { limit: 100, key: null },
      projection: () => jsonProjection(plan.fields, { maxEventBytes: 4096 }),
      log: client,
      registry: null,
      clock,
      health: one.health,
      onProgress: () => undefined,
      enoughEvents: change.enoughEvents ?? 600,
      leastEvents: 2 * k,
      maxWaitMs: 30_000,
    },
    limit: { maxEvents: 100, maxBytes: 1 << 20 },
    publishEveryMs: 0,
    publishEveryEvents: 1e12,
    keep: { allForMs: 1e15, hourlyForMs: 1e15, dailyForMs: 1e15 },
    onOwnership: (owns) => {
      state.owns = owns
    },
    ...change,
  }
  const membership = client.join(trainGroup, topics.updates, (share) => trainShare(options, one.telemetry, share))
  membership.done.catch(() => undefined)
  return {
    ...one,
    client,
    membership,
    get owns() {
      return state.owns
    },
    async stop() {
      await membership.leave()
      ended.abort()
    },
  }
}

export interface DeathAt {
  readonly request: Request
  /** Which of these requests, from 1 on. */
  readonly nth: number
  /** Whether the log still hears it. */
  readonly heard: boolean
}

/** A wire whose process dies at one request: nothing is heard of it, and it hears nothing, from then on. */
export function mortalWire(clock: Clock, at: DeathAt): { readonly wire: Wire; readonly dead: Promise<void> } {
  const never = new Promise<never>(() => undefined)
  let isDead = false
  let seen = 0
  let die = () => {}
  const dead = new Promise<void>((resolve) => {
    die = () => {
      isDead = true
      resolve()
    }
  })
  const wire: Wire = async (request, deliver) => {
    await clock.yield()
    if (isDead) return never
    if (request === at.request && ++seen === at.nth) {
      if (at.heard) await deliver()
      die()
      return never
    }
    const answer = await deliver()
    return isDead ? never : answer
  }
  return { wire, dead }
}

/** Every version from the birth to the end of the log of updates, by number, as bytes. */
export async function foldedVersions(log: EventLog, birth: Model): Promise<ReadonlyMap<number, Buffer>> {
  const model = readBack(birth)
  const versions = new Map([[1, Buffer.from(encodeModel(model))]])
  for (const { offset, value } of await readTopic(log, topics.updates)) {
    foldRecord(model, value, offset)
    versions.set(model.version, Buffer.from(encodeModel(model)))
  }
  return versions
}
