/** What is known of a running Shoal, from its topics or from the API of one of its processes. */
import type { Command } from 'commander'
import type { Status } from '../../http/status.ts'
import type { AnomalyView } from '../../runtime/views/anomaly-view.ts'
import type { ModelView } from '../../runtime/views/model-view.ts'
import type { CliContext } from '../context.ts'
import { withConfig } from '../options.ts'
import { apiWatch } from './api-watch.ts'
import { withTopicWatch } from './topic-watch.ts'

export interface WatchedDrift {
  readonly kind: string
  readonly severity: string
  readonly message: string
}

export interface Watch {
  status(): Promise<Status>
  /** The clusters are [] before there is a model. */
  clusters(): Promise<Pick<ModelView, 'features' | 'clusters'>>
  /** The newest, newest first. */
  anomalies(most: number): Promise<readonly AnomalyView[]>
  /** Those that are open. */
  drifts(): Promise<readonly WatchedDrift[]>
}

export interface WatchOptions {
  readonly config?: string
  readonly url?: string
}

export function withWatchOptions(command: Command): Command {
  return withConfig(command).option(
    '--url <url>',
    'ask the API of a process, such as http://localhost:9404, with the token in SHOAL_TOKEN (default: read the topics)',
  )
}

/** Null: it was interrupted first. */
export async function withWatch<R>(
  context: CliContext,
  { config, url }: WatchOptions,
  work: (watch: Watch) => Promise<R>,
): Promise<R | null> {
  if (url === undefined) return withTopicWatch(context, config, work)
  return work(apiWatch(url, context.environment.SHOAL_TOKEN ?? null, context.signal))
}
