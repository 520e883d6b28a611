/** A published version in one line: what a list of versions holds. */
import { z } from 'zod'
import { type Control, isUndone } from '../../core/command/control.ts'
import { recentAnomalyShare } from '../../core/drift/recent.ts'
import type { PublishedModel } from '../model-follower.ts'

export const versionViewSchema = z
  .object({
    version: z.int().min(1).meta({ description: 'The version.' }),
    offset: z.int().min(0).meta({ description: 'Its offset in the topic of models.' }),
    publishedAtMs: z.int().meta({ description: 'When it was published, in ms since the epoch.' }),
    pinned: z.boolean().meta({ description: 'Whether it is kept until it is unpinned.' }),
    trainedEvents: z.int().min(0).meta({ description: 'Events that it has learned from.' }),
    k: z.int().min(1).meta({ description: 'Number of clusters.' }),
    unexplained: z
      .number()
      .min(0)
      .meta({ description: 'Share of the variance that is left within clusters, when last assessed.' }),
    silhouette: z
      .number()
      .nullable()
      .meta({ description: 'Simplified silhouette, when last assessed; null: it has none.' }),
    anomalyShare: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .meta({ description: 'Share of its last events that were called anomalous; null: none had been counted.' }),
    frozen: z.boolean().meta({ description: 'Whether nothing was learned in it.' }),
    undone: z.boolean().meta({ description: 'Whether a rollback has led away from it.' }),
  })
  .meta({ id: 'Version', description: 'A version that was published.' })

export type VersionView = z.infer<typeof versionViewSchema>

/** What a version says of itself: all but what became of it later. */
export type VersionFacts = Omit<VersionView, 'pinned' | 'undone'>

export function versionFacts({
  offset,
  publishedAtMs,
  scorer: { model },
}: Pick<PublishedModel, 'offset' | 'publishedAtMs' | 'scorer'>): VersionFacts {
  const { unexplained, silhouette } = model.quality.record
  return {
    version: model.version,
    offset,
    publishedAtMs,
    trainedEvents: model.trainedEvents,
    k: model.k,
    unexplained,
    silhouette,
    anomalyShare: recentAnomalyShare(model.drift),
    frozen: model.control.frozen !== null,
  }
}

/** The same with what became of it, by what the newest version remembers of commands. */
export function versionView(facts: VersionFacts, newest: Control): VersionView {
  return { ...facts, pinned: newest.pinned.includes(facts.version), undone: isUndone(newest, facts.version) }
}
