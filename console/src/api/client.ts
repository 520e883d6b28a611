/** What the page knows of Shoal: the live stream, and every resource that is being looked at. */
import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { History } from '../../../src/http/routes/process.ts'
import { HistoryWindow } from './history.ts'
import { type Connection, Live, type LiveKind } from './live.ts'
import { type Loaded, Resource } from './resource.ts'

/** What each kind of event makes old: the starts of paths. */
const outdated: Readonly<Record<LiveKind, readonly string[]>> = {
  status: ['v1/history'],
  version: ['v1/model', 'v1/versions?'],
  anomaly: ['v1/anomalies'],
  drift: ['v1/drifts', 'v1/model'],
  command: ['v1/model', 'v1/versions?', 'v1/audit'],
}

export class Client {
  readonly live = new Live('v1/events')
  /** Told when the API asks for a token. */
  onUnknown: () => void = () => undefined
  private readonly resources = new Map<string, Resource<unknown>>()

  start(): void {
    for (const [kind, paths] of Object.entries(outdated) as [LiveKind, readonly string[]][]) {
      this.live.on(kind, () => this.refresh((path) => paths.some((start) => path.startsWith(start))))
    }
    this.live.on('status', (status) => this.resources.get('v1/status')?.told(status))
    this.live.on('connection', (state) => {
      if ((state as Connection).connected) this.refresh(() => true)
    })
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.refresh(() => true)
    })
    this.live.open()
  }

  /** After signing in: all that was refused is asked for again. */
  again(): void {
    this.live.open()
    this.refresh(() => true)
  }

  resource<T>(path: string, everyMs: number): Resource<T> {
    return this.kept(path, () => new Resource<T>(path, everyMs, this.noticed))
  }

  /** The last quarter of an hour, a sample a second. */
  history(): Resource<History> {
    return this.kept('v1/history', () => {
      const window = new HistoryWindow()
      return new Resource(() => window.read(), 1000, this.noticed)
    })
  }

  private readonly noticed = ({ status }: { readonly status: number }): void => {
    if (status === 401) this.onUnknown()
  }

  private kept<T>(path: string, make: () => Resource<T>): Resource<T> {
    const kept = (this.resources.get(path) as Resource<T> | undefined) ?? make()
    this.resources.set(path, kept as Resource<unknown>)
    return kept
  }

  private refresh(isOld: (path: string) => boolean): void {
    for (const [path, resource] of this.resources) if (isOld(path)) resource.refresh()
  }
}

export const ClientContext = createContext<Client>(new Client())

/** What the path answers now; asked again every so often and when an event says that it is old. */
export function useResource<T>(path: string, everyMs = 5000): Loaded<T> & { readonly again: () => void } {
  const client = useContext(ClientContext)
  return useWatched(client.resource<T>(path, everyMs))
}

export function useHistory(): Loaded<History> & { readonly again: () => void } {
  const client = useContext(ClientContext)
  return useWatched(client.history())
}

function useWatched<T>(resource: Resource<T>): Loaded<T> & { readonly again: () => void } {
  const [, changed] = useState({})
  useEffect(() => resource.watch(() => changed({})), [resource])
  return { ...resource.loaded, again: () => resource.refresh() }
}

/** Whether the live stream stands, and since when it does or does not. */
export function useConnection(): Connection {
  const { live } = useContext(ClientContext)
  const [state, setState] = useState(live.state)
  useEffect(() => live.on('connection', (now) => setState(now as Connection)), [live])
  return state
}
