/** The colours of the page as a canvas needs them. */

/** Colours by their variables, as the browser paints them now: a canvas knows no variables. */
export function paints(names: readonly string[]): ReadonlyMap<string, string> {
  const probe = document.createElement('span')
  document.body.append(probe)
  const found = names.map((name) => {
    probe.style.color = `var(${name})`
    return [name, getComputedStyle(probe).color] as const
  })
  probe.remove()
  return new Map(found)
}
