/** Ctrl-C ends a measurement in order, with what was found up to then; a second one ends it at once. */
export function onInterrupt(say: (line: string) => void): AbortSignal {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // What was started ends with this process: see endWithUs.
      if (interrupted.signal.aborted) process.exit(130)
      say(`${signal}: ending in order`)
      interrupted.abort()
    })
  }
  return interrupted.signal
}
