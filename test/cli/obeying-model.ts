/** A model on the embedded log that obeys as the trainer does, and the command line that orders it. */
import { encodeModel } from '../../src/core/codec/model-codec.ts'
import type { Model } from '../../src/core/model/model.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import { valueAt } from '../../src/stages/records.ts'
import { foldRecord, publishModel } from '../../src/stages/train.ts'
import { bornFrom, clusteredRows, numericPlan } from '../core/model/sample-model.ts'
import { learnRows } from '../stages/learning-stream.ts'
import { type CommandLine, commandLine } from './command-line.ts'

export const yaml = `
name: cards
input: { format: json, time: null }
features: [{ field: x0, transform: none, missing: mean }, { field: x1, transform: none, missing: mean }]
`
const rows = clusteredRows(4000, 2, 3, 1)

export interface World extends CommandLine {
  readonly model: Model
  /** What was published, by version. */
  readonly published: ReadonlyMap<number, Buffer>
  /** Runs the command while the model obeys; `--wait` is long enough. */
  said(args: readonly string[]): ReturnType<CommandLine['shoal']>
}

/** Versions 1, 3 and 5, each of them published. */
export async function world(change: (model: Model) => void = () => {}): Promise<World> {
  const line = commandLine(yaml)
  const { topics, fingerprint } = serviceSettings(line.configuration)
  const ours = { partitions: 1, owner: 'shoal' } as const
  await line.log.prepare(
    [
      { ...ours, topic: topics.modelUpdates, cleanup: 'delete' },
      { ...ours, topic: topics.models, cleanup: 'compact' },
      { ...ours, topic: topics.audit, cleanup: 'delete' },
    ],
    true,
  )
  const model: Model = { ...bornFrom(numericPlan(2), rows.slice(0, 1200), 600, 3), fingerprint }
  const published = new Map<number, Buffer>()
  const publish = async () => {
    published.set(model.version, Buffer.from(encodeModel(model)))
    await line.log.publish((outputs) => publishModel(outputs, topics.models, 1, model, Date.now()))
  }
  await publish()
  for (let i = 0; i < 2; i++) {
    learnRows(model, rows.slice(1200 + 2000 * i, 3200 + 2000 * i))
    await publish()
  }
  model.nextUpdateOffset = 0
  change(model)
  await publish()
  return {
    ...line,
    model,
    published,
    async said(args) {
      const enough = new AbortController()
      const obeying = (async () => {
        const from = new Map([[0, model.nextUpdateOffset]])
        for await (const batch of line.log.follow(topics.modelUpdates, from, enough.signal)) {
          for (let i = 0; i < batch.count; i++) foldRecord(model, valueAt(batch, i), batch.offset[i])
          await publish()
        }
      })()
      try {
        return await line.shoal([...args, '--wait', '60s'])
      } finally {
        enough.abort()
        await obeying
      }
    },
  }
}
