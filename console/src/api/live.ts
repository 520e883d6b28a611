/** The stream of what happens: one connection for the whole page, opened again with growing pauses when it is lost. */

const liveKinds = ['status', 'version', 'anomaly', 'drift', 'command'] as const
export type LiveKind = (typeof liveKinds)[number]

export interface Connection {
  readonly connected: boolean
  /** Since when it is so, in ms since the epoch. */
  readonly sinceMs: number
  /** When it is tried again; null: now, or it stands. */
  readonly nextTryMs: number | null
}

const firstPauseMs = 500
const longestPauseMs = 15_000
/** The stream says its state each second: one that has said nothing for so long is dead, whatever the browser believes. */
const longestSilenceMs = 10_000

export class Live {
  state: Connection = { connected: false, sinceMs: Date.now(), nextTryMs: null }
  private readonly path: string
  private readonly listeners = new Map<LiveKind | 'connection', Set<(data: unknown) => void>>()
  private source: EventSource | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private pauseMs = firstPauseMs

  constructor(path: string) {
    this.path = path
  }

  /** Calls the listener with what comes; answers with how to end that. */
  on(kind: LiveKind | 'connection', listener: (data: unknown) => void): () => void {
    const all = this.listeners.get(kind) ?? new Set()
    this.listeners.set(kind, all)
    all.add(listener)
    return () => all.delete(listener)
  }

  open(): void {
    this.close()
    const source = new EventSource(this.path)
    this.source = source
    this.become({ ...this.state, nextTryMs: null })
    source.onopen = () => {
      this.pauseMs = firstPauseMs
      this.become({ connected: true, sinceMs: Date.now(), nextTryMs: null })
      this.heard()
    }
    source.onerror = () => this.lost()
    for (const kind of liveKinds) {
      source.addEventListener(kind, ({ data }: MessageEvent<string>) => {
        this.heard()
        this.tell(kind, JSON.parse(data))
      })
    }
  }

  close(): void {
    clearTimeout(this.timer)
    clearTimeout(this.silence)
    this.source?.close()
    this.source = null
  }

  private heard(): void {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => this.lost(), longestSilenceMs)
  }

  private lost(): void {
    this.close()
    // Half of the pause is by chance: a thousand pages must not come back at one moment.
    const waitMs = this.pauseMs * (0.5 + Math.random() / 2)
    this.pauseMs = Math.min(2 * this.pauseMs, longestPauseMs)
    this.timer = setTimeout(() => this.open(), waitMs)
    const { connected, sinceMs } = this.state
    this.become({
      connected: false,
      sinceMs: connected ? Date.now() : sinceMs,
      nextTryMs: Date.now() + waitMs,
    })
  }

  private become(state: Connection): void {
    this.state = state
    this.tell('connection', state)
  }

  private tell(kind: LiveKind | 'connection', data: unknown): void {
    for (const listener of this.listeners.get(kind) ?? []) listener(data)
  }
}
