/** A name that the analyst gives a cluster. It is kept in this browser: a cluster keeps its id for life, and so its name. */
import { useState } from 'preact/hooks'

interface GivenName {
  readonly text: string
  readonly give: (text: string) => void
}

const longest = 40

/** `bornAtMs` tells one life of a model from another, whose ids begin anew. */
export function useClusterName(bornAtMs: number, cluster: number): GivenName {
  const key = `shoal-name-${bornAtMs}-${cluster}`
  const [text, setText] = useState(() => kept(key))
  return {
    text,
    give: (given) => {
      const short = given.trim().slice(0, longest)
      keep(key, short)
      setText(short)
    },
  }
}

export function ClusterName({ cluster, name }: { readonly cluster: number; readonly name: GivenName }) {
  return (
    <label class="naming">
      Name of cluster {cluster} in this browser{' '}
      <input
        type="text"
        maxLength={longest}
        value={name.text}
        placeholder="such as: small fares"
        onChange={({ currentTarget }) => name.give(currentTarget.value)}
      />
    </label>
  )
}

function kept(key: string): string {
  try {
    return localStorage.getItem(key) ?? ''
  } catch {
    return ''
  }
}

/** Where nothing can be kept, the name lasts as long as the page. */
function keep(key: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(key)
    else localStorage.setItem(key, text)
  } catch {
    // As above.
  }
}
