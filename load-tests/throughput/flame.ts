/** A CPU profile as a flame graph: one picture, wider where more time went, callees on top of their callers. */

/** As V8 writes it (Chrome DevTools Protocol, `Profiler.Profile`). */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

/** A function in its callers, with the time that it and all below it took, in microseconds. */
export interface Flame {
  readonly name: string
  /** File and line; empty for what is not JavaScript. */
  readonly place: string
  us: number
  readonly self: { us: number }
  readonly callees: Map<string, Flame>
}

/** From `fromUs` after the beginning on; idle time is left out. */
export function flameOf({ nodes, samples, timeDeltas }: CpuProfile, fromUs: number): Flame {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ id, children }) => (children ?? []).map((child) => [child, id] as const)))
  const root = fresh('all', '')
  let at = 0
  for (const [i, sample] of samples.entries()) {
    at += timeDeltas[i]
    if (at < fromUs) continue
    const stack: Flame[] = []
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const { functionName, url, lineNumber } = byId.get(id)!.callFrame
      if (functionName !== '(root)') stack.push(fresh(functionName || '(anonymous)', placeOf(url, lineNumber)))
    }
    if (stack[0]?.name !== '(idle)') add(root, stack.reverse(), timeDeltas[i])
  }
  return root
}

function fresh(name: string, place: string): Flame {
  return { name, place, us: 0, self: { us: 0 }, callees: new Map() }
}

function add(root: Flame, stack: readonly Flame[], us: number): void {
  let flame = root
  flame.us += us
  for (const frame of stack) {
    const key = `${frame.name} ${frame.place}`
    const known = flame.callees.get(key) ?? frame
    flame.callees.set(key, known)
    flame = known
    flame.us += us
  }
  flame.self.us += us
}

function placeOf(url: string, line: number): string {
  const file = /(?:src|node_modules)\/(.*)$/.exec(url)?.[1] ?? url.replace(/^node:/, 'node ')
  return file === '' ? '' : `${file}:${line + 1}`
}

/** Functions by the time that they took themselves, wherever they were called from; the longest first. */
export function heaviest(root: Flame, most: number): readonly { readonly name: string; readonly share: number }[] {
  const own = new Map<string, number>()
  const visit = (flame: Flame) => {
    const name = `${flame.name} ${flame.place}`.trim()
    own.set(name, (own.get(name) ?? 0) + flame.self.us)
    for (const callee of flame.callees.values()) visit(callee)
  }
  visit(root)
  return [...own]
    .sort((a, b) => b[1] - a[1])
    .slice(0, most)
    .map(([name, us]) => ({ name, share: us / root.us }))
}

const width = 1600
const rowHeight = 17
const letterWidth = 6.4
/** Narrower ones cannot be seen. */
const leastWidth = 0.6

/** A page of its own: what a bar is stands in it, and whole when the pointer rests on it. */
export function flamePage(root: Flame, title: string): string {
  const bars: string[] = []
  let deepest = 0
  const draw = (flame: Flame, x: number, depth: number) => {
    const wide = (width * flame.us) / root.us
    if (wide < leastWidth) return
    deepest = Math.max(deepest, depth)
    bars.push(barOf(flame, { x, wide, depth, share: flame.us / root.us }))
    let at = x
    for (const callee of [...flame.callees.values()].sort((a, b) => b.us - a.us)) {
      draw(callee, at, depth + 1)
      at += (width * callee.us) / root.us
    }
  }
  draw(root, 0, 0)
  const height = (deepest + 1) * rowHeight
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title>
<style>body{font:14px system-ui;margin:24px;background:#fff;color:#1c2330}svg{font:11px ui-monospace,monospace}</style>
<h1 style="font-size:18px">${escaped(title)}</h1>
<p>Width is time on the main thread; what a function called lies under it. Rest the pointer on a bar to read it.</p>
<svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${escaped(title)}">${bars.join('\n')}</svg>
</html>
`
}

function barOf(
  { name, place }: Flame,
  {
    x,
    wide,
    depth,
    share,
  }: { readonly x: number; readonly wide: number; readonly depth: number; readonly share: number },
): string {
  const y = depth * rowHeight
  const letters = Math.floor((wide - 6) / letterWidth)
  const label = letters < 3 ? '' : escaped(name.length > letters ? `${name.slice(0, letters - 1)}…` : name)
  const told = escaped(`${name} ${place} ${(100 * share).toFixed(1)} %`)
  const rect = `<rect x="${x.toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="${rowHeight - 1}" fill="${colourOf(place)}"/>`
  const text = label === '' ? '' : `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${label}</text>`
  return `<g><title>${told}</title>${rect}${text}</g>`
}

/** Shoal's own rooms, libraries, and what is not JavaScript. */
function colourOf(place: string): string {
  if (place.startsWith('core/')) return '#f4a261'
  if (place.startsWith('stages/') || place.startsWith('runtime/')) return '#e9c46a'
  if (place.startsWith('adapters/')) return '#8ecae6'
  if (place.startsWith('wasm')) return '#f28482'
  return '#d9dee7'
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
