/** A model that was made elsewhere becomes the first of its name. */
import type { Model } from '../core/model/model.ts'
import type { Configuration } from '../runtime/configuration/configuration.ts'
import { publishFirstModel } from '../runtime/first-model.ts'
import { registerAll } from '../runtime/registering.ts'
import { prepareTopics } from '../runtime/topics.ts'
import { type CliContext, withOpen } from './context.ts'

/**
 * Prepares topics and schemas, and publishes the model; `waitMs` is how long others may go on training that name. Throws
 * `model.exists` where there is a model, `model.busy` while there is another trainer.
 */
export async function publishBirth(
  context: CliContext,
  configuration: Configuration,
  model: Model,
  waitMs: number,
): Promise<void> {
  const { clock, signal } = context
  const settings = context.settingsOf(configuration)
  const { name, topics, topicPolicy, shadow } = settings
  const names = { name, modelsTopic: topics.models, updatesTopic: topics.modelUpdates }
  await withOpen(context.openLog(configuration), (log) =>
    withOpen(context.openRegistry(configuration), async (registry) => {
      await prepareTopics(log, topics, topicPolicy, shadow.of !== null)
      const ids = await registerAll(settings, { registry, schema: (of) => context.schema(of) })
      const audit = { topic: topics.audit, schemaId: ids.audit, said: context.telemetry.log }
      await publishFirstModel({ ...names, log, clock, modelSchemaId: ids.model, audit, waitMs }, model, signal)
    }),
  )
}
