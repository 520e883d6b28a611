/** The versions of a model that the topic of models holds, for commands that show them. */
import { ShoalError } from '../../runtime/errors.ts'
import type { PublishedModel } from '../../runtime/model-follower.ts'
import type { ServiceSettings } from '../../runtime/service.ts'
import type { VersionBook } from '../../runtime/versions/version-book.ts'
import type { VersionView } from '../../runtime/views/version-view.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from '../context.ts'
import { withFollower } from '../following.ts'

/** A version, and the line that a list has for it. */
export interface Version {
  readonly published: PublishedModel
  readonly view: VersionView
}

export interface Versions {
  readonly settings: ServiceSettings
  readonly newest: PublishedModel
  /** The newest before `before`, newest first. */
  list(limit: number, before: number): Promise<readonly VersionView[]>
  /** Throws `version.unknown` for one that is not kept. */
  read(version: number): Promise<Version>
}

/** Works on the versions of the model that the configuration describes; throws `model.missing` where there is none. */
export async function withVersions<R>(
  context: CliContext,
  config: string | undefined,
  work: (versions: Versions) => Promise<R>,
): Promise<R> {
  const configuration = await context.loadConfiguration(config)
  const settings = context.settingsOf(configuration)
  const done = await withOpen(context.openLog(configuration), (log) =>
    withFollower(context, settings, log, async (follower, over, book) => {
      const newest = await follower.upToDate(over)
      refuseWhenInterrupted(context, 'the versions have not been read')
      if (newest === null) throw new ShoalError('model.missing', `there must be a model of ${settings.name}`)
      return { value: await work(versionsOf(context, settings, newest, book, over)) }
    }),
  )
  if (done !== null) return done.value
  throw new ShoalError('stopped.interrupted', 'interrupted: the versions have not been read')
}

function versionsOf(
  context: CliContext,
  settings: ServiceSettings,
  newest: PublishedModel,
  book: VersionBook,
  over: AbortSignal,
): Versions {
  return {
    settings,
    newest,
    async list(limit, before) {
      const listed = await book.list(limit, before, over)
      refuseWhenInterrupted(context, 'the versions have not been read')
      return listed
    },
    async read(version) {
      const published = await book.read(version, over)
      refuseWhenInterrupted(context, 'the version has not been read')
      const view = book.viewOf(version)
      if (published !== null && view !== null) return { published, view }
      const rule = `version ${version} of ${settings.name} must be kept: it is not`
      throw new ShoalError('version.unknown', `${rule}; \`shoal model list\` names those that are`)
    },
  }
}
