/** Name, views, theme. */

import type { Status } from '../../../src/http/status.ts'
import { addressOf, type ViewName, viewNames } from '../address.ts'
import { useResource } from '../api/client.ts'
import { Drawn, type SignName } from '../drawn.tsx'
import type { Theme } from '../theme.ts'

export const titles: Readonly<Record<ViewName, string>> = {
  overview: 'Overview',
  anomalies: 'Anomalies',
  drift: 'Drift',
  versions: 'Versions',
  pipeline: 'Pipeline',
}

const themeSigns: Readonly<Record<Theme, SignName>> = { auto: 'halfDisc', light: 'ring', dark: 'disc' }

interface MastheadProps {
  readonly view: ViewName
  readonly theme: Theme
  readonly onTheme: () => void
}

export function Masthead({ view, theme, onTheme }: MastheadProps) {
  const { value } = useResource<Status>('v1/status', 5000)
  return (
    <header class="masthead">
      <p class="name">
        <a href={addressOf('overview')}>Shoal</a>
        {value !== null && <span title={`release ${value.release}`}>{value.name}</span>}
      </p>
      <nav aria-label="Views">
        {viewNames.map((name) => (
          <a key={name} href={addressOf(name)} aria-current={name === view ? 'page' : undefined}>
            {titles[name]}
          </a>
        ))}
      </nav>
      <button
        type="button"
        class="theme"
        onClick={onTheme}
        aria-label={`Colours: ${theme}. Change`}
        title={`Colours: ${theme}`}
      >
        <Drawn sign={themeSigns[theme]} />
      </button>
    </header>
  )
}
