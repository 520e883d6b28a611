/** Leads from what is open in a view to the view itself. */
import { addressOf, type ViewName } from './address.ts'
import { Drawn } from './drawn.tsx'

interface CloseLinkProps {
  readonly view: ViewName
  readonly label?: string
}

export function CloseLink({ view, label = 'Close' }: CloseLinkProps) {
  return (
    <a class="close" href={addressOf(view)} aria-label={label}>
      <Drawn sign="cross" />
    </a>
  )
}
