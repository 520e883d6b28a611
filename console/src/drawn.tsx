/** Signs, drawn: not every machine has a font with them, and what is told by shape must not be missing. */

const shapes = {
  diamond: 'M6 0 12 6 6 12 0 6Z',
  triangle: 'M6 1 12 11.5H0Z',
  disc: 'M6 1.5a4.5 4.5 0 1 0 .01 0Z',
  halfDisc: 'M6 1a5 5 0 0 0 0 10Z',
  square: 'M3 3h6v6H3Z',
} as const

const lines = {
  check: 'M1 6.5 4.5 10.5 11 2',
  cross: 'M2 2 10 10M10 2 2 10',
  ring: 'M6 1a5 5 0 1 0 .01 0Z',
  right: 'M0 6H11M7 2 11 6 7 10',
  up: 'M6 12V1M2 5 6 1 10 5',
  trail: 'M0 9 4 4 8 7 12 2',
} as const

export type SignName = keyof typeof shapes | keyof typeof lines

/** Says nothing to readers: what it means must stand beside it, or be its label. */
export function Drawn({ sign }: { readonly sign: SignName }) {
  return (
    <svg class="drawn" viewBox="0 0 12 12" aria-hidden="true">
      {sign === 'halfDisc' && <path class="line" d={lines.ring} />}
      {sign in shapes ? (
        <path d={shapes[sign as keyof typeof shapes]} />
      ) : (
        <path class="line" d={lines[sign as keyof typeof lines]} />
      )}
    </svg>
  )
}

/** Between before and after. */
export function To() {
  return (
    <>
      {' '}
      <Drawn sign="right" />
      <span class="seen-by-readers">to</span>{' '}
    </>
  )
}
