/**
 * Chromium on a machine whose locale is C names its language `en-US@posix`, which Intl refuses; and uPlot asks Intl as soon as
 * it is loaded. So this comes before it.
 */
try {
  Intl.getCanonicalLocales(navigator.language)
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' })
}
