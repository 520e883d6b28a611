/** Which metrics a text in PromQL names, and whether there are such. */
interface Known {
  readonly catalogue: Readonly<Record<string, { readonly kind: string; readonly labels: readonly string[] }>>
  readonly process: readonly { readonly name: string }[]
  /** Names that recording rules give. */
  readonly recorded: readonly string[]
}

/** What a scrape adds. */
const ofTheTarget = ['job', 'instance', 'le']

/** Recorded names have colons in them; of a histogram it is one of its three series. */
export function namesIn(text: string): readonly string[] {
  return [...new Set(text.match(/\b(?:(?:job|instance):\w+:\w+|(?:shoal|nodejs|process)_\w+)/g))]
}

/** Names that nobody has, and labels by which a metric is chosen that it has not: `name{label}`. */
export function unknownIn(texts: readonly string[], { catalogue, process, recorded }: Known): readonly string[] {
  const labelsOf = (name: string): readonly string[] | null => {
    const metric = catalogue[name] ?? catalogue[name.replace(/_(bucket|sum|count)$/, '')]
    const isSeries = metric !== undefined && (metric.kind === 'histogram') === (catalogue[name] === undefined)
    return isSeries ? metric.labels : null
  }
  const isOther = (name: string) =>
    recorded.includes(name) || process.some((metric) => name.replace(/_(bucket|sum|count)$/, '') === metric.name)
  const names = texts.flatMap(namesIn).filter((name) => labelsOf(name) === null && !isOther(name))
  const chosen = texts.flatMap((text) => [...text.matchAll(/\b(shoal_\w+)\{([^}]*)\}/g)])
  const labels = chosen.flatMap(([, name, selector]) => {
    const has = [...(labelsOf(name) ?? []), ...ofTheTarget]
    const asked = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label)
    return labelsOf(name) === null
      ? []
      : asked.filter((label) => !has.includes(label)).map((label) => `${name}{${label}}`)
  })
  return [...names, ...labels]
}
