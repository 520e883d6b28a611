/** Several things that are done at once, and are of no use without one another. */

/** Waits for all that `start` begins; the first that fails ends the others, which are over when this rejects. */
export async function allOrNone(
  start: (signal: AbortSignal) => readonly Promise<void>[],
  signal: AbortSignal,
): Promise<void> {
  const giveUp = new AbortController()
  const begun = start(AbortSignal.any([signal, giveUp.signal]))
  try {
    await Promise.all(begun)
  } catch (error) {
    giveUp.abort()
    await Promise.allSettled(begun)
    throw error
  }
}
