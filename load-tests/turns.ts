/** Several pieces of work timed side by side, so that what else the machine does falls on all alike. */

/** Rounds in which code is compiled, and nothing is noted. */
const warmUp = 5

/** Does each in turn, so many rounds, and gives the milliseconds that it took, round by round. */
export async function inTurns(
  works: Readonly<Record<string, () => unknown>>,
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const taken = new Map(Object.keys(works).map((name) => [name, [] as number[]]))
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      const startedMs = performance.now()
      const done = work()
      if (done instanceof Promise) await done
      if (round >= 0) taken.get(name)!.push(performance.now() - startedMs)
    }
  }
  return taken
}
