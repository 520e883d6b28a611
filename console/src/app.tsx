/** The page: the sentence and the way around on top, one view below. */
import type { FunctionComponent } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { type Address, useAddress, type ViewName } from './address.ts'
import { AnomaliesView } from './anomalies/anomalies-view.tsx'
import { type Client, ClientContext } from './api/client.ts'
import { DriftView } from './drift/drift-view.tsx'
import { OverviewView } from './overview/overview-view.tsx'
import { PipelineView } from './pipeline/pipeline-view.tsx'
import { PointedContext } from './pointed.ts'
import { ConnectionLine } from './shell/connection-line.tsx'
import { Masthead, titles } from './shell/masthead.tsx'
import { Sentence } from './shell/sentence.tsx'
import { SignIn } from './shell/sign-in.tsx'
import { ThemeContext, useTheme } from './theme.ts'
import { VersionsView } from './versions/versions-view.tsx'

const views: Readonly<Record<ViewName, FunctionComponent<{ address: Address }>>> = {
  overview: OverviewView,
  anomalies: AnomaliesView,
  drift: DriftView,
  versions: VersionsView,
  pipeline: PipelineView,
}

export function App({ client }: { readonly client: Client }) {
  const [isUnknown, setUnknown] = useState(false)
  useEffect(() => {
    client.onUnknown = () => setUnknown(true)
  }, [client])
  const signedIn = () => {
    setUnknown(false)
    client.again()
  }
  return (
    <ClientContext.Provider value={client}>
      {isUnknown ? <SignIn onDone={signedIn} /> : <Page />}
    </ClientContext.Provider>
  )
}

function Page() {
  const address = useAddress()
  const [id, point] = useState<number | null>(null)
  const pointed = useMemo(() => ({ id, point }), [id])
  const { theme, shade, next } = useTheme()
  useEffect(() => {
    document.title = `${titles[address.view]} · Shoal`
  }, [address.view])
  const View = views[address.view]
  return (
    <ThemeContext.Provider value={shade}>
      <PointedContext.Provider value={pointed}>
        <button type="button" class="skip" onClick={toView}>
          Skip to the view
        </button>
        <Masthead view={address.view} theme={theme} onTheme={next} />
        <Sentence />
        <ConnectionLine />
        <main id="view" tabIndex={-1}>
          <h1 class="seen-by-readers">{titles[address.view]}</h1>
          <View key={address.view} address={address} />
        </main>
      </PointedContext.Provider>
    </ThemeContext.Provider>
  )
}

/** No link: the fragment is the address of the view. */
function toView(): void {
  document.getElementById('view')?.focus()
}
