/** What happens now, for all who look at once: read from the topics only while somebody does. */
import type { OffsetRange } from '../core/model/model.ts'
import { endsOf, rangesOf } from '../runtime/batches.ts'
import { type NewestRecord, recordsOf } from '../runtime/insight/newest-records.ts'
import { anomalyView } from '../runtime/views/anomaly-view.ts'
import type { Api } from './api.ts'
import { ownAnomalies } from './own-anomalies.ts'
import { statusOf } from './status.ts'

/** One thing that happened. */
export interface Happening {
  readonly event: 'status' | 'version' | 'anomaly' | 'drift'
  readonly data: unknown
}

type Listener = (happening: Happening) => void

const statusEveryMs = 1_000
const anomaliesPerSecond = 10
const retryMs = 1_000

export class Live {
  private readonly listeners = new Set<Listener>()
  private stop: AbortController | null = null
  private anomaliesLeft = anomaliesPerSecond

  /** Listens until the function that it gives is called. */
  listen(api: Api, listener: Listener): () => void {
    this.listeners.add(listener)
    if (this.stop === null) this.start(api)
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size > 0) return
      this.stop?.abort()
      this.stop = null
    }
  }

  private start(api: Api): void {
    this.stop = new AbortController()
    const { signal } = this.stop
    void this.tellStatus(api, signal)
    void this.tellVersions(api, signal)
    void this.tellOf(api, ownAnomalies(api), signal, async (record) => {
      if (this.anomaliesLeft <= 0) return
      this.anomaliesLeft--
      const [value] = await api.readAnomalies([record.value])
      if (value) this.tell({ event: 'anomaly', data: anomalyView(value, record, api.settings.plan) })
    })
    void this.tellOf(api, api.settings.topics.driftEvents, signal, async ({ value }) => {
      const [told] = await api.readDriftEvents([value])
      if (told) this.tell({ event: 'drift', data: told })
    })
  }

  private tell(happening: Happening): void {
    for (const listener of this.listeners) listener(happening)
  }

  private async tellStatus(api: Api, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.anomaliesLeft = anomaliesPerSecond
      this.tell({ event: 'status', data: statusOf(api) })
      await api.clock.sleep(statusEveryMs, signal)
    }
  }

  private async tellVersions(api: Api, signal: AbortSignal): Promise<void> {
    const { follower, versions } = api.service
    let known = follower.current()
    for (;;) {
      known = await follower.newerThan(known, signal)
      if (signal.aborted) return
      if (known !== null) this.tell({ event: 'version', data: versions.viewOf(known.scorer.version) })
    }
  }

  /** Every record that comes to a topic from now on, of all its partitions. What fails is begun again where it stood. */
  private async tellOf(
    api: Api,
    topic: string,
    signal: AbortSignal,
    on: (record: NewestRecord) => Promise<void>,
  ): Promise<void> {
    const { log, clock } = api
    let ranges: readonly OffsetRange[] | null = null
    while (ranges === null && !signal.aborted) {
      ranges = await rangesOf(log, topic).catch(() => null)
      if (ranges === null) await clock.sleep(retryMs, signal)
    }
    const next = endsOf(ranges ?? [])
    while (!signal.aborted) {
      try {
        for await (const batch of log.follow(topic, next, signal)) {
          for (const record of recordsOf(batch, batch.count)) await on(record)
          next.set(batch.partition, batch.nextOffset)
        }
      } catch {
        // The health says what is wrong with the log: whoever looks sees the status.
        await clock.sleep(retryMs, signal)
      }
    }
  }
}
