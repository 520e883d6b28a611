/** What a process of Shoal says of itself at /metrics. */

/** By name, the sum of a metric's samples; NaN for one that is not there. */
export type Metrics = (name: string) => number

/** Of no answer every metric is NaN. */
export async function metricsAt(port: number): Promise<Metrics> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => null)
  const lines = answer === null ? [] : (await answer.text()).split('\n')
  return (name) => {
    const samples = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    if (samples.length === 0) return Number.NaN
    return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  }
}
