/** Steps that are timed piece by piece, round after round. */

export class Laps {
  private readonly rounds = new Map<string, number[][]>()
  private startedMs = 0

  /** Begins a round. */
  begin(): void {
    for (const rounds of this.rounds.values()) rounds.push([])
  }

  forget(): void {
    this.rounds.clear()
  }

  start(): void {
    this.startedMs = performance.now()
  }

  /** Notes the time since `start` as the next piece of the step in this round. */
  end(name: string): void {
    const ms = performance.now() - this.startedMs
    if (!this.rounds.has(name)) this.rounds.set(name, [[]])
    this.rounds.get(name)!.at(-1)!.push(ms)
  }

  names(): readonly string[] {
    return [...this.rounds.keys()]
  }

  /** Of a step the milliseconds that each round took, and the sum of the least that each piece took in any. */
  of(name: string): { readonly sums: readonly number[]; readonly least: number } {
    const rounds = this.rounds.get(name)!
    const sums = rounds.map((pieces) => pieces.reduce((sum, ms) => sum + ms, 0))
    const leasts = rounds[0].map((_, piece) => Math.min(...rounds.map((pieces) => pieces[piece])))
    return { sums, least: leasts.reduce((sum, ms) => sum + ms, 0) }
  }
}
