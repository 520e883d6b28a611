/**
 * What several sources give, as it comes; the order of each is kept. A source is asked for more only when what it gave
 * has been taken, so nothing piles up. When the reader stops, `stop` is called, and must let every source end.
 */
export async function* merged<T>(sources: readonly AsyncIterable<T>[], stop: () => void): AsyncGenerator<T, void> {
  const ready: { readonly value: T; readonly taken: () => void }[] = []
  let stopped = false
  let open = sources.length
  let failure: { readonly error: unknown } | null = null
  let wake = () => {}

  const pump = async (source: AsyncIterable<T>): Promise<void> => {
    try {
      for await (const value of source) {
        if (stopped) return
        await new Promise<void>((taken) => {
          ready.push({ value, taken })
          wake()
        })
        if (stopped) return
      }
    } catch (error) {
      failure ??= { error }
    } finally {
      open--
      wake()
    }
  }

  const pumps = sources.map(pump)
  try {
    for (;;) {
      const next = ready[0]
      if (next !== undefined) {
        yield next.value
        // It stays in the queue until now, so that a reader who stops here lets its source go with the others.
        ready.shift()
        next.taken()
      } else if (failure !== null) throw (failure as { readonly error: unknown }).error
      else if (open === 0) return
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } finally {
    stopped = true
    stop()
    for (const { taken } of ready) taken()
    await Promise.all(pumps)
  }
}
