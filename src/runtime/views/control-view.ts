/** What commands have made of a model, as people and other programs read it. */
import { z } from 'zod'
import { askableKinds, commandKinds } from '../../core/command/command.ts'
import type { Model } from '../../core/model/model.ts'
import { driftIdOf } from '../../stages/drift-records.ts'

const version = () => z.int().min(1)

export const frozenSchema = z
  .object({
    sinceVersion: version().meta({ description: 'The version since which nothing is learned.' }),
    byPolicy: z.boolean().meta({ description: 'Whether Shoal has frozen it by itself, because of a drift.' }),
    driftNumber: z.int().min(0).meta({ description: 'The drift that it is for; 0: none.' }),
  })
  .nullable()
  .meta({ description: 'Learning stands still; null: it goes on.' })

export const undoneSchema = z
  .object({
    from: version().meta({ description: 'Versions after this one' }),
    to: version().meta({ description: 'up to this one.' }),
  })
  .meta({ description: 'Versions whose learning a rollback has taken back.' })

export const askedSchema = z
  .object({
    driftId: z.string().meta({ description: 'The drift that the question is about, as its event names it.' }),
    driftNumber: z.int().min(0).meta({ description: 'The same as a number.' }),
    kind: z.enum(askableKinds).meta({ description: 'What is to be approved.' }),
    targetVersion: z.int().min(0).meta({ description: 'Where a rollback would lead; 0: it is none.' }),
  })
  .meta({ description: "A question that waits for a person's answer." })

export const deedSchema = z
  .object({
    version: version().meta({ description: 'The version that it made.' }),
    kind: z.enum(commandKinds).meta({ description: 'What was ordered.' }),
    refused: z.string().meta({ description: 'Why it was not obeyed; empty: it was.' }),
    reason: z.string().meta({ description: 'Why it was given.' }),
    by: z.string().meta({ description: 'Who gave it; `policy`: Shoal itself.' }),
    atMs: z.number().meta({ description: 'When it was given, in ms since the epoch.' }),
    driftNumber: z.int().min(0).meta({ description: 'The drift that it reacts to; 0: none.' }),
    targetVersion: z.int().min(0).meta({ description: 'The version that it leads to or is about; 0: none.' }),
    asks: z.enum(askableKinds).nullable().meta({ description: 'Of a question, what it asks for.' }),
    factor: z.number().min(1).meta({ description: 'Of `learnFaster`, what the half-life is divided by.' }),
    events: z.number().min(0).meta({ description: 'Of `learnFaster`, for how many events.' }),
    budget: z.number().min(0).meta({ description: 'Of `budget`, the share that may be called anomalous; else 0.' }),
  })
  .meta({ id: 'Deed', description: 'A command that the model has come to.' })

export type DeedView = z.infer<typeof deedSchema>
export type AskedView = z.infer<typeof askedSchema>

export function askedViews(model: Model): AskedView[] {
  return model.control.asked.map((asked) => ({ driftId: driftIdOf(model, asked.driftNumber), ...asked }))
}
