/** What an address of the API answers, as long as somebody looks at it: asked again by the clock and by events. */
import { ApiProblem, getJson } from './request.ts'

/** A value stays when a later request fails: it is shown as what it is, old. */
export interface Loaded<T> {
  readonly value: T | null
  /** When the value was answered; null: never. */
  readonly atMs: number | null
  /** Why the last request failed; null: it did not. */
  readonly problem: ApiProblem | null
}

/** Of a burst of events one request is made, after at most this. */
const longestPauseMs = 2500

export class Resource<T> {
  loaded: Loaded<T> = { value: null, atMs: null, problem: null }
  private readonly ask: () => Promise<T>
  private readonly everyMs: number
  private readonly onProblem: (problem: ApiProblem) => void
  private readonly watchers = new Set<() => void>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private isAsking = false
  private isAskedAgain = false
  private askedMs = Number.NEGATIVE_INFINITY

  constructor(path: string | (() => Promise<T>), everyMs: number, onProblem: (problem: ApiProblem) => void) {
    this.ask = typeof path === 'string' ? () => getJson<T>(path) : path
    this.everyMs = everyMs
    this.onProblem = onProblem
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher)
    if (this.watchers.size === 1) this.refresh()
    return () => {
      this.watchers.delete(watcher)
      if (this.watchers.size === 0) clearTimeout(this.timer)
    }
  }

  /** Asks again soon; nobody watches: not before somebody does. */
  refresh(): void {
    if (this.watchers.size === 0) return
    if (this.isAsking) {
      this.isAskedAgain = true
      return
    }
    this.after(Math.max(0, this.askedMs + Math.min(this.everyMs / 2, longestPauseMs) - performance.now()))
  }

  /** The stream has said what the API would answer. */
  told(value: T): void {
    this.loaded = { value, atMs: Date.now(), problem: null }
    for (const watcher of [...this.watchers]) watcher()
    if (this.watchers.size > 0 && !this.isAsking) this.after(this.everyMs)
  }

  private after(ms: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.load(), ms)
  }

  private async load(): Promise<void> {
    this.isAsking = true
    this.isAskedAgain = false
    this.askedMs = performance.now()
    try {
      this.loaded = { value: await this.ask(), atMs: Date.now(), problem: null }
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error
      this.loaded = { ...this.loaded, problem: error }
      this.onProblem(error)
    } finally {
      this.isAsking = false
    }
    for (const watcher of [...this.watchers]) watcher()
    if (this.watchers.size === 0) return
    if (this.isAskedAgain) this.refresh()
    // Nobody sees a page that is hidden; it is brought up to date when it is shown again.
    else if (!document.hidden) this.after(this.everyMs)
  }
}
