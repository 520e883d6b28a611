/** Small charts out of characters. */

const eighthsAcross = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const eighthsUp = [...'▁▂▃▄▅▆▇█']

/** A bar as long as the value's share of the largest, to an eighth of a character. */
export function bar(value: number, most: number, width: number): string {
  const share = most > 0 ? Math.min(1, Math.max(0, value / most)) : 0
  const parts = Math.round(share * width * 8)
  return '█'.repeat(parts >> 3) + eighthsAcross[parts & 7]
}

/** A column for each value, as high as its share of the largest, to an eighth; what is 0 is a dot. */
export function columns(values: readonly number[], most: number): string {
  return values
    .map((value) => {
      if (!(value > 0 && most > 0)) return '·'
      return eighthsUp[Math.max(0, Math.min(7, Math.ceil(8 * (value / most)) - 1))]
    })
    .join('')
}
