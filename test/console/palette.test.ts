/** The colours of clusters: seen on the page, and told apart also by the colour-blind (Machado, Oliveira and Fernandes 2009). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const css = readFileSync(join(import.meta.dirname, '..', '..', 'console', 'src', 'style.css'), 'utf8')

type Colour = readonly [number, number, number]

/** A variable's colour in linear light. */
function colourOf(name: string, shade: 'light' | 'dark'): Colour {
  const pair = new RegExp(`--${name}: light-dark\\(#(\\w{6}), #(\\w{6})\\)`).exec(css)
  const hex = pair?.[shade === 'light' ? 1 : 2] ?? ''
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(0), channel(2), channel(4)]
}

function luminance([r, g, b]: Colour): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: Colour, b: Colour): number {
  const [less, more] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (more + 0.05) / (less + 0.05)
}

type Matrix = readonly [Colour, Colour, Colour]
const sights: Readonly<Record<string, Matrix>> = {
  'all colours': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  'no green (deuteranopia)': [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  'no red (protanopia)': [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  'no blue (tritanopia)': [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

function seen(matrix: Matrix, colour: Colour): Colour {
  const row = (of: Colour) => Math.min(1, Math.max(0, of[0] * colour[0] + of[1] * colour[1] + of[2] * colour[2]))
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])]
}

/** Oklab, in which equal distances look equally different. */
function oklab([r, g, b]: Colour): Colour {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

const slots = Array.from({ length: 8 }, (_, i) => `cluster-${i}`)

describe.each(['light', 'dark'] as const)('in the %s', (shade) => {
  test.each([...slots, 'cluster-grey'])('%s stands out from the page', (name) => {
    expect(contrast(colourOf(name, shade), colourOf('paper', shade))).toBeGreaterThanOrEqual(3)
  })

  // Two neighbours of Okabe and Ito's palette lie .076 apart, to whom sees worst.
  test.each(Object.keys(sights))('the eight are told apart by who sees %s', (sight) => {
    const labs = slots.map((name) => oklab(seen(sights[sight], colourOf(name, shade))))
    const distances = labs.flatMap((a, i) =>
      labs.slice(0, i).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])),
    )
    expect(Math.min(...distances)).toBeGreaterThan(0.076)
  })

  test.each(['ink', 'quiet', 'accent', 'well', 'look', 'bad'])('text in %s can be read', (name) => {
    expect(contrast(colourOf(name, shade), colourOf('paper', shade))).toBeGreaterThanOrEqual(4.5)
  })
})
