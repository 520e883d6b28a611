/** Tells those who listen that something has changed. Who no longer listens is forgotten, so that it may be told for years. */
export class News {
  private readonly listeners = new Set<() => void>()

  /** Calls `listener` at every change until the signal fires. */
  listen(listener: () => void, signal: AbortSignal): void {
    if (signal.aborted) return
    this.listeners.add(listener)
    signal.addEventListener('abort', () => this.listeners.delete(listener), { once: true })
  }

  /** Resolves at the next change, or when the signal fires. */
  next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done)
        this.listeners.delete(done)
        resolve()
      }
      signal.addEventListener('abort', done)
      this.listeners.add(done)
    })
  }

  tell(): void {
    for (const listener of [...this.listeners]) listener()
  }
}
