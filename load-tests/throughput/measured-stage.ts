/** The score stage of production with its projection, as what is timed by itself has it. */
import type { Projection } from '../../src/core/fields/fields.ts'
import { type ScoreStage, scoreStage } from '../../src/stages/score.ts'
import type { OpenReplay } from '../../tools/replay/open-replay.ts'
import { type JobSize, schemaOf, usualJob } from './job.ts'

/** Events of the job's size, whose schema has this id. */
export function measuredStage(
  { settings, world }: OpenReplay,
  schemaId: number,
  size: JobSize = usualJob,
): { readonly projection: Projection; readonly stage: ScoreStage } {
  const { name, plan, topics, keyShare, topFeatures } = settings
  const projection = world.projection()
  projection.resolve(schemaId, { type: 'AVRO', text: schemaOf(size), references: [] })
  const stage = scoreStage({
    name,
    plan,
    projection,
    topics,
    schemaIds: { assignment: 2, modelUpdate: 3 },
    limits: { keyBytes: 1 << 20, deadLetterBytes: 1 << 20 },
    encodeAnomaly: world.encodeAnomaly,
    keyShare,
    topFeatures,
  })
  return { projection, stage }
}
