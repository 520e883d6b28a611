/** Light or dark: as the machine has it, until somebody says otherwise in this browser. */
import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'

const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'shoal-theme'
const prefersDark = () => matchMedia('(prefers-color-scheme: dark)')

export const ThemeContext = createContext<'light' | 'dark'>('light')

/** What the page is shown in: whoever paints on a canvas paints again when it changes. */
export function useShade(): 'light' | 'dark' {
  return useContext(ThemeContext)
}

export function useTheme(): { readonly theme: Theme; readonly shade: 'light' | 'dark'; readonly next: () => void } {
  const [theme, setTheme] = useState<Theme>(() => themes.find((each) => each === remembered()) ?? 'auto')
  const [isDark, setDark] = useState(() => prefersDark().matches)
  useEffect(() => {
    const query = prefersDark()
    const changed = () => setDark(query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [])
  const shade = theme === 'auto' ? (isDark ? 'dark' : 'light') : theme
  // Before anything below paints: a canvas asks for the colours as soon as it is told of the shade.
  document.documentElement.dataset.shade = shade
  const next = () => {
    const other = themes[(themes.indexOf(theme) + 1) % themes.length]
    remember(other)
    setTheme(other)
  }
  return { theme, shade, next }
}

/** A browser may forbid a page to keep anything: then it is as the machine has it. */
function remembered(): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(key, theme)
  } catch {
    // It is chosen for this visit only.
  }
}

export function isStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
