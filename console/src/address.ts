/** Where one is: every view has an address that can be sent to a colleague. It is kept in the fragment, which no server sees. */
import { useEffect, useState } from 'preact/hooks'

export const viewNames = ['overview', 'anomalies', 'drift', 'versions', 'pipeline'] as const
export type ViewName = (typeof viewNames)[number]

export interface Address {
  readonly view: ViewName
  /** What in the view is opened: an anomaly, a drift. */
  readonly item: string | null
  readonly query: Readonly<Record<string, string>>
}

function parseAddress(hash: string): Address {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [name = '', ...rest] = path.split('/')
  const item = rest.join('/')
  return {
    view: viewNames.find((view) => view === name) ?? 'overview',
    item: item === '' ? null : decoded(item),
    query: Object.fromEntries(new URLSearchParams(search)),
  }
}

export function addressOf(view: ViewName, item: string | null = null, query: Readonly<Record<string, string>> = {}) {
  const path = [view === 'overview' ? '' : view, ...(item === null ? [] : [encodeURIComponent(item)])].join('/')
  const search = new URLSearchParams(query).toString()
  return `#/${path}${search === '' ? '' : `?${search}`}`
}

export function useAddress(): Address {
  const [address, setAddress] = useState(() => parseAddress(location.hash))
  useEffect(() => {
    const moved = () => setAddress(parseAddress(location.hash))
    addEventListener('hashchange', moved)
    return () => removeEventListener('hashchange', moved)
  }, [])
  return address
}

/** A mistyped address must not keep the page from showing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
